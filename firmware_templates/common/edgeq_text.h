/* The link's text protocol, with bulk mode within. */
#ifndef EDGEQ_TEXT_H
#define EDGEQ_TEXT_H

/* Serves text commands, and bulk mode within. Does not return. */
__attribute__((noreturn)) void edgeq_text_serve(void);

#endif
