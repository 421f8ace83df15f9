/* The three functions that a freestanding compiler may call by itself: after it has seen the whole program, too. */
#include <stddef.h>
#include <stdint.h>

__attribute__((used)) void *memcpy(void *restrict to, const void *restrict from, size_t n);
__attribute__((used)) void *memmove(void *to, const void *from, size_t n);
__attribute__((used)) void *memset(void *to, int value, size_t n);

/* Keeps the compiler from turning a loop below into a call of the function that it is in. */
#define KEEP_LOOP() __asm volatile("")

/* A word at any address; cores without unaligned access get byte loads from the compiler. */
typedef struct {
    uint32_t word;
} __attribute__((packed, may_alias)) unaligned_word;

typedef uint32_t __attribute__((may_alias)) aligned_word;

#if defined(__ARM_FEATURE_UNALIGNED)
#define WORDS_AT_ANY_ADDRESS 1
#else
#define WORDS_AT_ANY_ADDRESS 0
#endif

/* Copies upwards: right for apart regions, and for overlapping ones where `to` is the lower. */
static void *copy_up(void *to, const void *from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if (n >= 16u) {
        while (((uintptr_t)d & 3u) != 0u) {
            *d++ = *s++;
            n--;
            KEEP_LOOP();
        }
        if (((uintptr_t)s & 3u) == 0u) {
            for (; n >= 16u; n -= 16u, d += 16, s += 16) {
                aligned_word *dw = (aligned_word *)(void *)d;
                const aligned_word *sw = (const aligned_word *)(const void *)s;
                const uint32_t a = sw[0], b = sw[1], c = sw[2], e = sw[3];
                dw[0] = a;
                dw[1] = b;
                dw[2] = c;
                dw[3] = e;
                KEEP_LOOP();
            }
        } else if (WORDS_AT_ANY_ADDRESS) {
            for (; n >= 4u; n -= 4u, d += 4, s += 4) {
                *(aligned_word *)(void *)d = ((const unaligned_word *)(const void *)s)->word;
                KEEP_LOOP();
            }
        }
    }
    for (; n != 0u; n--) {
        *d++ = *s++;
        KEEP_LOOP();
    }
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    return copy_up(to, from, n);
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if ((uintptr_t)d - (uintptr_t)s >= n) {
        return copy_up(to, from, n);
    }
    for (; n != 0u; n--) {
        d[n - 1u] = s[n - 1u];
        KEEP_LOOP();
    }
    return to;
}

void *memset(void *to, int value, size_t n)
{
    uint8_t *d = to;
    const uint8_t byte = (uint8_t)value;
    if (n >= 16u) {
        const uint32_t word = 0x01010101u * byte;
        while (((uintptr_t)d & 3u) != 0u) {
            *d++ = byte;
            n--;
            KEEP_LOOP();
        }
        for (; n >= 16u; n -= 16u, d += 16) {
            aligned_word *dw = (aligned_word *)(void *)d;
            dw[0] = word;
            dw[1] = word;
            dw[2] = word;
            dw[3] = word;
            KEEP_LOOP();
        }
    }
    for (; n != 0u; n--) {
        *d++ = byte;
        KEEP_LOOP();
    }
    return to;
}
