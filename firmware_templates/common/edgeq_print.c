#include "edgeq_print.h"

#include "edgeq_port.h"

static uint8_t pending[64];
static uint32_t pending_n;

void edgeq_print_char(char c)
{
    pending[pending_n++] = (uint8_t)c;
    if (pending_n == sizeof pending) {
        edgeq_port_write(pending, pending_n);
        pending_n = 0;
    }
}

void edgeq_print(const char *text)
{
    while (*text != '\0') {
        edgeq_print_char(*text++);
    }
}

void edgeq_print_line(const char *text)
{
    edgeq_print(text);
    edgeq_print("\r\n");
    edgeq_port_write(pending, pending_n);
    pending_n = 0;
}

/* The decimal digits, last first, at least `least` of them. Divides by limbs: 64-bit division is a library call. */
static uint32_t digits_of(uint64_t value, uint32_t least, char *digits)
{
    uint32_t limbs[4], n = 0, rest;
    for (uint32_t i = 4; i > 0u; value >>= 16) {
        limbs[--i] = (uint32_t)value & 0xFFFFu;
    }
    do {
        uint32_t remainder = 0;
        rest = 0;
        for (uint32_t i = 0; i < 4u; ++i) {
            const uint32_t part = remainder << 16 | limbs[i];
            limbs[i] = part / 10u;
            remainder = part % 10u;
            rest |= limbs[i];
        }
        digits[n++] = (char)('0' + (int)remainder);
    } while (rest != 0u || n < least);
    return n;
}

void edgeq_print_number(uint64_t value)
{
    char digits[20];
    for (uint32_t n = digits_of(value, 1, digits); n > 0u; --n) {
        edgeq_print_char(digits[n - 1u]);
    }
}

void edgeq_print_hex_byte(uint8_t value)
{
    static const char hex[] = "0123456789abcdef";
    edgeq_print_char(hex[value >> 4]);
    edgeq_print_char(hex[value & 15u]);
}

void edgeq_print_milli(uint32_t float_bits, int32_t factor)
{
    uint32_t exponent = float_bits >> 23 & 255u;
    const uint32_t mantissa = (float_bits & 0x7FFFFFu) | (exponent > 0u ? 0x800000u : 0u);
    const uint32_t size = factor < 0 ? 0u - (uint32_t)factor : (uint32_t)factor;
    uint64_t milli = (uint64_t)mantissa * 1000u * size;
    if (exponent == 0u) {
        exponent = 1;
    }
    for (; exponent < 150u; ++exponent) { /* bit by bit: a shift of 64 bits is a library call */
        milli = (milli >> 1) + (exponent == 149u ? milli & 1u : 0u);
    }
    if (exponent > 162u) {
        milli = UINT64_MAX;
        exponent = 150;
    }
    for (; exponent > 150u; --exponent) {
        milli <<= 1;
    }
    if (milli != 0u && (float_bits >> 31 != 0u) != (factor < 0)) {
        edgeq_print_char('-');
    }
    char digits[20];
    for (uint32_t n = digits_of(milli, 4, digits); n > 0u; --n) {
        edgeq_print_char(digits[n - 1u]);
        if (n == 4u) {
            edgeq_print_char('.');
        }
    }
}
