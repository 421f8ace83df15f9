/* Where TensorFlow Lite Micro's messages go. */
#ifndef EDGEQ_TFLM_LOG_H
#define EDGEQ_TFLM_LOG_H

/* One message, while the runtime starts. Firmware of your own defines this function to its needs. */
void edgeq_tflm_log(const char *text);

#endif
