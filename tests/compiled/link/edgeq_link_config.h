/* Stands in for what is generated: the tests give both by macros. */
#ifndef EDGEQ_LINK_CONFIG_H
#define EDGEQ_LINK_CONFIG_H

#ifndef EDGEQ_LINK_MODEL
#define EDGEQ_LINK_MODEL "standin"
#endif
#ifndef EDGEQ_LINK_FLOATS
#define EDGEQ_LINK_FLOATS 0u
#endif
#ifndef INPUT_TYPE
#define INPUT_TYPE 0
#endif
#ifndef OUTPUT_TYPE
#define OUTPUT_TYPE INPUT_TYPE
#endif
#define EDGEQ_LINK_OUTPUT OUTPUT_TYPE
#ifndef EDGEQ_LINK_BUFFER
#define EDGEQ_LINK_BUFFER 16384u
#endif
#define EDGEQ_LINK_SIMULATED 0
#ifndef EDGEQ_LINK_FRAMES
#define EDGEQ_LINK_FRAMES 1
#endif
#define EDGEQ_LINK_TEXT 1
#define EDGEQ_GOLDEN 0

#endif
