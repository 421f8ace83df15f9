/* The 3x3 convolution by Winograd's F(4x4, 3x3), for cores with the DSP extension: all but the end of its tiles, which its forms
 * differ in. */
#ifndef EDGEQ_CONV_WINOGRAD_DSP_H
#define EDGEQ_CONV_WINOGRAD_DSP_H

#include <stdint.h>

#include "edgeq_winograd_outputs.h"
#include "edgeq_winograd_params.h"
#include "edgeq_winograd_scratch.h"

void edgeq_conv_winograd_dsp(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch,
                             const edgeq_winograd_form *form);

#endif
