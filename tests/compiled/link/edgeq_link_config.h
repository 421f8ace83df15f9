/* Stands in for what is generated: the tests give both by macros. */
#ifndef EDGEQ_LINK_CONFIG_H
#define EDGEQ_LINK_CONFIG_H

#ifndef EDGEQ_LINK_MODEL
#define EDGEQ_LINK_MODEL "standin"
#endif
#ifndef EDGEQ_LINK_FLOATS
#define EDGEQ_LINK_FLOATS 0u
#endif
#define EDGEQ_GOLDEN 0

#endif
