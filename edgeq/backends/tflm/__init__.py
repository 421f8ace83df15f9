"""TensorFlow Lite Micro as a backend: the model as it is, a resolver of its operators, an arena."""
