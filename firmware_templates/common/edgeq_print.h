/* Text to the console, in pieces, collected so that the port is called seldom. */
#ifndef EDGEQ_PRINT_H
#define EDGEQ_PRINT_H

#include <stdint.h>

void edgeq_print(const char *text);
void edgeq_print_char(char c);
void edgeq_print_number(uint64_t value);
void edgeq_print_hex_byte(uint8_t value);

/* factor x the float whose IEEE 754 bits are given, to three decimals, half away from zero. Integers only: cores
 * without an FPU would need a library for this. |factor| up to 2^17; above 2^35 or so the value saturates. */
void edgeq_print_milli(uint32_t float_bits, int32_t factor);

/* The last piece of a line, which is ended, and what has been collected is sent. */
void edgeq_print_line(const char *text);

#endif
