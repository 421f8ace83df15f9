/* Searched for what it declares, never compiled: TFLMRegistration Register_CONV_2D_INT8(); */
