/* The link's text protocol, with bulk mode within. */
#ifndef EDGEQ_TEXT_H
#define EDGEQ_TEXT_H

/* One line for the host: `m-[text]`. */
void edgeq_text_say(const char *text);
void edgeq_text_error(const char *text);
void edgeq_text_ready(void);

/* Serves text commands, and bulk mode within. Does not return. */
__attribute__((noreturn)) void edgeq_text_serve(void);

#endif
