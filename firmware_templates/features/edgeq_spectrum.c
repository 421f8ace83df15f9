/* A windowed signal's power by frequency: a real transform in int32, by radix 4, in place. */
/* interface */
#include <stdint.h>

/* One place, first of the transform, then of its power. */
typedef union {
    struct {
        int32_t re, im;
    } turn;
    uint64_t power;
} edgeq_bin;

typedef struct {
    int32_t size;           /* samples; the others up to `points` are 0 */
    int32_t points;         /* a power of two, 16 to 1024 */
    const int16_t *window;  /* [size], 15 bits behind the point */
    const uint16_t *places; /* [points / 2]: where each pair of samples goes */
    const int16_t *turns;   /* [3 points / 4][2]: cos and sin of 2 pi i / points, 15 bits behind the point */
} edgeq_spectrum_params;

void edgeq_spectrum(const edgeq_spectrum_params *p, const int16_t *in, uint64_t *out);
/* implementation */
#include "edgeq_wide.h"

enum { WINDOW_SHIFT = 11, POWER_SHIFT = 8 };

/* The transform of half the points takes pairs of samples as complex numbers, each to its place. */
static void window_of(const edgeq_spectrum_params *p, const int16_t *in, edgeq_bin *bins)
{
    const int32_t pairs = p->size / 2;
    const uint16_t *place = p->places;
    for (int32_t i = 0; i < pairs; ++i) {
        edgeq_bin *bin = &bins[*place++];
        bin->turn.re = (in[2 * i] * p->window[2 * i]) >> WINDOW_SHIFT;
        bin->turn.im = (in[2 * i + 1] * p->window[2 * i + 1]) >> WINDOW_SHIFT;
    }
    for (int32_t i = pairs; i < p->points / 2; ++i) {
        edgeq_bin *bin = &bins[*place++];
        bin->turn.re = 2 * i < p->size ? (in[2 * i] * p->window[2 * i]) >> WINDOW_SHIFT : 0;
        bin->turn.im = 0;
    }
}

/* (re + j im) (cos - j sin) */
static inline void turn_by(int32_t *re, int32_t *im, const int16_t *w)
{
    const int32_t was = *re;
    *re = edgeq_turned(was, w[0], *im, w[1]);
    *im = edgeq_turned(*im, w[0], was, -w[1]);
}

static inline void four(edgeq_bin *at, int32_t apart, const int16_t *w1, const int16_t *w2, const int16_t *w3)
{
    edgeq_bin *a = at, *b = a + apart, *c = b + apart, *d = c + apart;
    int32_t br = b->turn.re, bi = b->turn.im, cr = c->turn.re, ci = c->turn.im, dr = d->turn.re, di = d->turn.im;
    if (w1 != 0) {
        turn_by(&br, &bi, w1);
        turn_by(&cr, &ci, w2);
        turn_by(&dr, &di, w3);
    }
    const int32_t er = a->turn.re + cr, ei = a->turn.im + ci, fr = a->turn.re - cr, fi = a->turn.im - ci;
    const int32_t gr = br + dr, gi = bi + di, hr = br - dr, hi = bi - di;
    a->turn.re = er + gr;
    a->turn.im = ei + gi;
    b->turn.re = fr + hi;
    b->turn.im = fi - hr;
    c->turn.re = er - gr;
    c->turn.im = ei - gi;
    d->turn.re = fr - hi;
    d->turn.im = fi + hr;
}

static void transform(const edgeq_spectrum_params *p, edgeq_bin *bins)
{
    const int32_t length = p->points / 2;
    int32_t done = 1;
    if ((__builtin_ctz((uint32_t)length) & 1) != 0) {
        for (edgeq_bin *at = bins; at < bins + length; at += 2) {
            const int32_t re = at[1].turn.re, im = at[1].turn.im;
            at[1].turn.re = at[0].turn.re - re;
            at[1].turn.im = at[0].turn.im - im;
            at[0].turn.re += re;
            at[0].turn.im += im;
        }
        done = 2;
    }
    for (; done < length; done *= 4) {
        const int32_t stride = length / (2 * done); /* of the turns, which are of twice the length */
        for (edgeq_bin *at = bins; at < bins + length; at += 4 * done) {
            four(at, done, 0, 0, 0);
        }
        for (int32_t k = 1; k < done; ++k) {
            const int16_t *w = p->turns + 2 * stride * k;
            for (edgeq_bin *at = bins + k; at < bins + length; at += 4 * done) {
                four(at, done, w, p->turns + 4 * stride * k, p->turns + 6 * stride * k);
            }
        }
    }
}

static inline uint64_t power_of(int32_t re, int32_t im)
{
    return (edgeq_square(re) + edgeq_square(im)) >> POWER_SHIFT;
}

void edgeq_spectrum(const edgeq_spectrum_params *p, const int16_t *in, uint64_t *out)
{
    edgeq_bin *bins = (edgeq_bin *)(void *)out;
    const int32_t length = p->points / 2;
    window_of(p, in, bins);
    transform(p, bins);
    /* from the transform of even and odd samples to that of all */
    const int32_t re = bins[0].turn.re, im = bins[0].turn.im;
    bins[0].power = power_of(re + im, 0);
    bins[length].power = power_of(re - im, 0);
    for (int32_t k = 1; k <= length / 2; ++k) {
        edgeq_bin *near = bins + k, *far = bins + length - k;
        const int32_t er = near->turn.re + far->turn.re, ei = near->turn.im - far->turn.im;
        int32_t tr = near->turn.im + far->turn.im, ti = far->turn.re - near->turn.re;
        turn_by(&tr, &ti, p->turns + 2 * k);
        far->power = power_of((er - tr) >> 1, (ti - ei) >> 1);
        near->power = power_of((er + tr) >> 1, (ei + ti) >> 1);
    }
}
