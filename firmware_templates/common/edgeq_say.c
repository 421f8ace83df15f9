#include "edgeq_say.h"

#include "edgeq_print.h"

void edgeq_line(const char *before, const char *text)
{
    edgeq_print(before);
    edgeq_print(text);
    edgeq_print_line("]");
}

void edgeq_say(const char *text)
{
    edgeq_line("m-[", text);
}

void edgeq_say_error(const char *text)
{
    edgeq_line("e-[", text);
}

void edgeq_say_ready(void)
{
    edgeq_print_line("m-ready");
}
