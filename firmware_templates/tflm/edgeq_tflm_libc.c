/* What newlib and the C++ compiler ask of a system, for firmware without heap, files and processes. */
#include <stddef.h>
#include <stdint.h>

void *_sbrk(ptrdiff_t bytes);
void abort(void);
void __cxa_pure_virtual(void);

/* There is no heap: an allocation fails instead of growing into the stack. */
void *_sbrk(ptrdiff_t bytes)
{
    (void)bytes;
    return (void *)(intptr_t)-1;
}

/* Newlib's own needs signals. This one ends in the fault handler, which tells who called. */
__attribute__((noreturn)) void abort(void)
{
    __builtin_trap();
}

__attribute__((noreturn)) void __cxa_pure_virtual(void)
{
    abort();
}
