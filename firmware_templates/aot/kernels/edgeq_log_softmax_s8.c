/* LOG_SOFTMAX over the last axis. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    const int32_t *exponentials; /* exp(-difference from the maximum), Q12.19 */
    int32_t entries;             /* differences beyond are none's */
    int32_t multiplier, shift;   /* of a difference, to Q5.26 */
    int32_t back_multiplier, back_shift;
    int32_t rows, depth;
} edgeq_log_softmax_params;

void edgeq_log_softmax_s8(const edgeq_log_softmax_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"
#include "edgeq_reciprocal.h"

#define SQRT_HALF 1518500250      /* Q0.31, as the constants below */
#define SQRT_SQRT_HALF 1805811301
#define LOG_2 1488522236
#define ALPHA_N 117049297         /* 11/240 * 2^(1/4) */
#define ALPHA_D 127690142         /* 1/20 * 2^(1/4) */
#define ALPHA_I 1057819769        /* 2 / 2^(1/4) - 2^(1/4) */
#define ALPHA_F 638450708         /* 1/4 * 2^(1/4) */
#define QUARTER (1 << 23)         /* Q6.25 */
#define INTEGER_BITS 12           /* of the sum */

static inline int32_t times_power_of_two(int32_t x, int32_t shift)
{
    const int32_t limit = (int32_t)((1u << (31 - shift)) - 1u);
    if (shift == 0) {
        return x;
    }
    return x > limit ? INT32_MAX : x < -limit ? INT32_MIN : (int32_t)((uint32_t)x << shift);
}

static inline int32_t leading_zeros(int32_t x)
{
    int32_t n = 0;
    for (uint32_t bits = (uint32_t)x; (bits & 0x80000000u) == 0u && n < 32; bits <<= 1) {
        n++;
    }
    return n;
}

/* log(x) of x >= 1 in Q12.19; the result is in Q5.26. x is brought to about 2^(-1/4) by powers of two and of their
   roots, and the logarithm of what is left is a quotient of polynomials. */
static int32_t log_of(int32_t x)
{
    const int32_t zeros_a = leading_zeros(x);
    const int32_t r_a =
        times_power_of_two(edgeq_doubling_high_mul(times_power_of_two(x, zeros_a - 1), SQRT_HALF), 1);
    const int32_t power_a = times_power_of_two(INTEGER_BITS - zeros_a, 25) + QUARTER;
    const int32_t zeros_b = leading_zeros(edgeq_doubling_high_mul(x, SQRT_HALF)) - 1;
    const int32_t r_b = times_power_of_two(x, zeros_b);
    const int32_t power_b = times_power_of_two(INTEGER_BITS - zeros_b, 25) - QUARTER;
    const int32_t r = r_a < r_b ? r_a : r_b;
    const int32_t power = power_a > power_b ? power_a : power_b;
    const int32_t p = (int32_t)(((int64_t)r + SQRT_SQRT_HALF + 1) / 2);
    const int32_t q = 2 * (r - SQRT_SQRT_HALF);
    const int32_t square = edgeq_doubling_high_mul(q, q);
    const int32_t numerator =
        edgeq_doubling_high_mul(q, r) + edgeq_doubling_high_mul(edgeq_doubling_high_mul(q, square), ALPHA_N);
    const int32_t inner = ALPHA_I + q + edgeq_doubling_high_mul(ALPHA_D, square);
    const int32_t denominator = edgeq_doubling_high_mul(p, inner) + edgeq_doubling_high_mul(ALPHA_F, q);
    const int32_t rest = edgeq_doubling_high_mul(edgeq_rounding_shift_right(numerator, 6),
                                                 edgeq_reciprocal_of_one_plus(denominator));
    return times_power_of_two(edgeq_doubling_high_mul(power, LOG_2) + rest, 1);
}

static void log_softmax_row(const edgeq_log_softmax_params *p, const int8_t *input, int8_t *output)
{
    int32_t largest = -128, sum = 0;
    for (int32_t c = 0; c < p->depth; c++) {
        largest = input[c] > largest ? input[c] : largest;
    }
    for (int32_t c = 0; c < p->depth; c++) {
        const int32_t difference = largest - input[c];
        if (difference < p->entries) {
            sum += p->exponentials[difference];
        }
    }
    const int32_t log_sum = log_of(sum);
    const int32_t reach = -edgeq_multiply(log_sum + INT32_MIN, p->back_multiplier, p->back_shift);
    const int32_t entries = reach < p->entries ? reach : p->entries;
    for (int32_t c = 0; c < p->depth; c++) {
        const int32_t difference = largest - input[c];
        int32_t y = -128;
        if (difference < entries) {
            const int32_t scaled = edgeq_multiply(-difference, p->multiplier, p->shift);
            y = edgeq_rounding_shift_right(scaled - log_sum, 22) + 127;
        }
        output[c] = (int8_t)edgeq_clamp(y, -128, 127);
    }
}

void edgeq_log_softmax_s8(const edgeq_log_softmax_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        log_softmax_row(p, input, output);
        input += p->depth;
        output += p->depth;
    }
}
