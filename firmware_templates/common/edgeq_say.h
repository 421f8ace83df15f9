/* Lines for whoever listens: all that firmware says without being asked. */
#ifndef EDGEQ_SAY_H
#define EDGEQ_SAY_H

/* A line: what comes before the text, the text, and a bracket. */
void edgeq_line(const char *before, const char *text);

void edgeq_say(const char *text);       /* `m-[text]` */
void edgeq_say_error(const char *text); /* `e-[text]` */
void edgeq_say_ready(void);

#endif
