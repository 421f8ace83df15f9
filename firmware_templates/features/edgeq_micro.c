/* TensorFlow Lite Micro's audio frontend, to the bit: kissfft's roundings in 16 bits, noise reduction, PCAN, log. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t size;   /* samples of a frame */
    int32_t points; /* a power of two, not below it */
    int32_t channels;
    int32_t smoothing_bits;
    int32_t even_smoothing, odd_smoothing, min_signal_remaining; /* 14 bits behind the point */
    int32_t snr_shift;
    int32_t enable_log, correction, scale_shift;
    const int16_t *window;       /* [size], 12 bits behind the point */
    const uint16_t *places;      /* [points / 2]: where each pair of samples goes */
    const int16_t *turns;        /* [3 points / 8][2]: cos and -sin of 4 pi i / points */
    const int16_t *super_turns;  /* [points / 4][2]: those that part even and odd samples */
    const uint16_t *starts;      /* [channels + 1]: the first bin of each band */
    const uint16_t *widths;      /* [channels + 1] */
    const int16_t *weights;      /* of each bin, for the band */
    const int16_t *unweights;    /* of each bin, for the band before */
    const uint16_t *logarithms;  /* [129] */
    const int16_t *gains;        /* [125]; null without PCAN */
} edgeq_micro_params;

/* `state` holds the noise's estimates, one a channel, 0 at first; `scratch` 2 points + 4 bytes. */
void edgeq_micro(const edgeq_micro_params *p, const int16_t *in, uint16_t *out, uint8_t *scratch, uint8_t *state);
/* implementation */
#include "edgeq_root.h"

enum { SHARE_BITS = 14, SNR_BITS = 12, OUTPUT_BITS = 6, LN_2 = 45426 };

/* One place, first of the transform, then of its energy. */
typedef union {
    struct {
        int16_t re, im;
    } turn;
    uint32_t energy;
} bin;

typedef struct {
    int32_t re, im;
} number;

static inline int32_t rounded(int32_t value)
{
    return (int16_t)((value + (1 << 14)) >> 15);
}

static inline number read(const bin *at, int32_t share)
{
    const number made = {rounded(at->turn.re * share), rounded(at->turn.im * share)};
    return made;
}

static inline number times(number a, const int16_t *w)
{
    const number made = {rounded(a.re * w[0] - a.im * w[1]), rounded(a.re * w[1] + a.im * w[0])};
    return made;
}

static inline number plus(number a, number b)
{
    const number made = {(int16_t)(a.re + b.re), (int16_t)(a.im + b.im)};
    return made;
}

static inline number minus(number a, number b)
{
    const number made = {(int16_t)(a.re - b.re), (int16_t)(a.im - b.im)};
    return made;
}

static inline void write(bin *at, int32_t re, int32_t im)
{
    at->turn.re = (int16_t)re;
    at->turn.im = (int16_t)im;
}

/* The windowed frame, each pair of samples at its place; gives the most bits by which it can be shifted. */
static int32_t window_of(const edgeq_micro_params *p, const int16_t *in, bin *bins)
{
    int32_t most = 0;
    for (int32_t i = 0; i < p->points / 2; ++i) {
        int32_t pair[2] = {0, 0};
        for (int32_t j = 0; j < 2; ++j) {
            if (2 * i + j < p->size) {
                pair[j] = (in[2 * i + j] * p->window[2 * i + j]) >> 12;
                const int32_t size = pair[j] < 0 ? -pair[j] : pair[j];
                most = size > most && size < 32768 ? size : most;
            }
        }
        write(&bins[p->places[i]], pair[0], pair[1]);
    }
    return 15 - edgeq_bits((uint32_t)most);
}

static void shifted(bin *bins, int32_t length, int32_t shift)
{
    for (int32_t i = 0; i < length; ++i) {
        write(&bins[i], (int32_t)((uint32_t)bins[i].turn.re << shift), (int32_t)((uint32_t)bins[i].turn.im << shift));
    }
}

static inline void four(bin *at, int32_t apart, const int16_t *w1, const int16_t *w2, const int16_t *w3)
{
    enum { QUARTER = 32767 / 4 };
    bin *a = at, *b = a + apart, *c = b + apart, *d = c + apart;
    const number x = read(a, QUARTER), y = times(read(b, QUARTER), w1);
    const number z = times(read(c, QUARTER), w2), v = times(read(d, QUARTER), w3);
    const number e = plus(x, z), f = minus(x, z), g = plus(y, v), h = minus(y, v);
    write(a, e.re + g.re, e.im + g.im);
    write(b, f.re + h.im, f.im - h.re);
    write(c, e.re - g.re, e.im - g.im);
    write(d, f.re - h.im, f.im + h.re);
}

static void transform(const edgeq_micro_params *p, bin *bins)
{
    enum { HALF = 32767 / 2 };
    const int32_t length = p->points / 2;
    int32_t done = 1;
    if ((__builtin_ctz((uint32_t)length) & 1) != 0) {
        for (bin *at = bins; at < bins + length; at += 2) {
            const number a = read(&at[0], HALF), b = times(read(&at[1], HALF), p->turns);
            write(&at[0], a.re + b.re, a.im + b.im);
            write(&at[1], a.re - b.re, a.im - b.im);
        }
        done = 2;
    }
    for (; done < length; done *= 4) {
        const int32_t stride = length / (4 * done);
        for (int32_t k = 0; k < done; ++k) {
            const int16_t *w1 = p->turns + 2 * stride * k, *w2 = w1 + 2 * stride * k, *w3 = w2 + 2 * stride * k;
            for (bin *at = bins + k; at < bins + length; at += 4 * done) {
                four(at, done, w1, w2, w3);
            }
        }
    }
}

static inline uint32_t energy_of(int32_t re, int32_t im)
{
    const int32_t r = (int16_t)re, i = (int16_t)im;
    return (uint32_t)(r * r) + (uint32_t)(i * i);
}

/* From the transform of even and odd samples to the energy of all; of bin 0 nobody reads it. */
static void energies(const edgeq_micro_params *p, bin *bins)
{
    enum { HALF = 32767 / 2 };
    const int32_t length = p->points / 2;
    const number dc = read(&bins[0], HALF);
    bins[length].energy = energy_of(dc.re - dc.im, 0);
    for (int32_t k = 1; k <= length / 2; ++k) {
        bin *near = bins + k, *far = bins + length - k, turned;
        write(&turned, far->turn.re, -far->turn.im);
        const number a = read(near, HALF), b = read(&turned, HALF);
        const number e = plus(a, b), t = times(minus(a, b), p->super_turns + 2 * (k - 1));
        near->energy = energy_of((e.re + t.re) >> 1, (e.im + t.im) >> 1);
        far->energy = energy_of((e.re - t.re) >> 1, (t.im - e.im) >> 1);
    }
}

/* A root, rounded; what would not fit into as many bits as that frontend has is left as it is. */
static uint32_t root_of(uint64_t sum)
{
    uint64_t rest;
    const uint32_t root = edgeq_root64(sum, &rest);
    const uint32_t most = sum >> 32 == 0u ? 0xFFFFu : 0xFFFFFFFFu;
    return rest > root && root != most ? root + 1u : root;
}

static uint32_t quieted(const edgeq_micro_params *p, uint32_t signal, uint32_t *estimate, int32_t is_odd)
{
    const uint32_t smoothing = (uint32_t)(is_odd ? p->odd_smoothing : p->even_smoothing);
    const uint32_t up = signal << p->smoothing_bits;
    const uint32_t noise =
        (uint32_t)(((uint64_t)up * smoothing + (uint64_t)*estimate * ((1u << SHARE_BITS) - smoothing)) >> SHARE_BITS);
    *estimate = noise;
    const uint32_t least = (uint32_t)(((uint64_t)signal * (uint32_t)p->min_signal_remaining) >> SHARE_BITS);
    const uint32_t rest = (up - (noise > up ? up : noise)) >> p->smoothing_bits;
    return rest > least ? rest : least;
}

/* A parabola a power of two. */
static int32_t gain_of(const int16_t *gains, uint32_t noise)
{
    if (noise <= 2u) {
        return gains[noise];
    }
    const int32_t interval = edgeq_bits(noise);
    const int16_t *at = gains + 4 * interval - 6;
    const int32_t part = (int32_t)((interval < 11 ? noise << (11 - interval) : noise >> (interval - 11)) & 0x3FFu);
    int32_t line = (at[2] * part) >> 5;
    line += at[1] * 32;
    line *= part;
    return (int16_t)(((line + (1 << 14)) >> 15) + at[0]);
}

static uint32_t gained(const edgeq_micro_params *p, uint32_t signal, uint32_t noise)
{
    const uint32_t gain = (uint32_t)gain_of(p->gains, noise);
    const uint32_t snr = (uint32_t)(((uint64_t)signal * gain) >> p->snr_shift);
    if (snr < 2u << SNR_BITS) {
        return (snr * snr) >> (2 + 2 * SNR_BITS - OUTPUT_BITS);
    }
    return (snr >> (SNR_BITS - OUTPUT_BITS)) - (1u << OUTPUT_BITS);
}

static uint32_t logarithm(const edgeq_micro_params *p, uint32_t signal)
{
    const uint32_t value = p->correction < 0 ? signal >> -p->correction : signal << p->correction;
    if (value <= 1u) {
        return 0;
    }
    const int32_t top = edgeq_bits(value) - 1;
    const uint32_t over = value - (1u << top);
    const uint32_t part = top < 16 ? over << (16 - top) : over >> (top - 16);
    const uint16_t *at = p->logarithms + (part >> 9);
    const int32_t line = ((at[1] - at[0]) * (int32_t)(part & 0x1FFu)) >> 16;
    const uint32_t log2 = ((uint32_t)top << 16) + part + at[0] + (uint32_t)line;
    const uint32_t log = (uint32_t)(((uint64_t)LN_2 * log2 + (1u << 15)) >> 16);
    return ((log << p->scale_shift) + (1u << 15)) >> 16;
}

void edgeq_micro(const edgeq_micro_params *p, const int16_t *in, uint16_t *out, uint8_t *scratch, uint8_t *state)
{
    bin *bins = (bin *)(void *)scratch;
    uint32_t *estimates = (uint32_t *)(void *)state;
    const int32_t shift = window_of(p, in, bins);
    shifted(bins, p->points / 2, shift);
    transform(p, bins);
    energies(p, bins);
    const int16_t *weight = p->weights, *unweight = p->unweights;
    uint64_t falling = 0;
    for (int32_t band = 0; band <= p->channels; ++band) {
        const bin *at = bins + p->starts[band];
        uint64_t sum = falling;
        falling = 0;
        for (int32_t i = 0; i < p->widths[band]; ++i) {
            const uint64_t energy = (uint64_t)(int32_t)at[i].energy;
            sum += (uint64_t)*weight++ * energy;
            falling += (uint64_t)*unweight++ * energy;
        }
        if (band > 0) {
            uint32_t *estimate = &estimates[band - 1];
            uint32_t value = quieted(p, root_of(sum) >> shift, estimate, (band - 1) & 1);
            value = p->gains != 0 ? gained(p, value, *estimate) : value;
            value = p->enable_log != 0 ? logarithm(p, value) : value;
            out[band - 1] = (uint16_t)(value < 0xFFFFu ? value : 0xFFFFu);
        }
    }
}
