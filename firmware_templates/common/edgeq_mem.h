/* memcpy, memset and memmove without a C library. Small copies of known size are left to the compiler. */
#ifndef EDGEQ_MEM_H
#define EDGEQ_MEM_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);

#define memcpy(to, from, n) __builtin_memcpy((to), (from), (n))
#define memmove(to, from, n) __builtin_memmove((to), (from), (n))
#define memset(to, value, n) __builtin_memset((to), (value), (n))

#endif
