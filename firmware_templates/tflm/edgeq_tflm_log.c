/* TensorFlow Lite Micro's messages go to the console, as errors of the text protocol. */
#include "edgeq_tflm_log.h"

#include "edgeq_say.h"

void edgeq_tflm_log(const char *text)
{
    char line[96];
    unsigned n = 0;
    for (; *text != '\0' && n < sizeof line - 1u; text++) {
        if (*text >= ' ' && *text != '[' && *text != ']') { /* one line, and no brackets within brackets */
            line[n++] = *text;
        }
    }
    line[n] = '\0';
    if (n != 0u) {
        edgeq_say_error(line);
    }
}
