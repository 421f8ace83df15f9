/* Any exception ends here: it is told on the console, and the firmware halts. */
#include <stdint.h>

#include "edgeq_port.h"
#include "edgeq_stack.h"

void edgeq_fault_entry(void);
void edgeq_fault_report(const uint32_t *frame);

#define SCB_CFSR (*(volatile uint32_t *)0xE000ED28u)

/* The words that the core pushes: r0, r1, r2, r3, r12, lr, pc, xpsr. */
enum { FRAME_LR = 5, FRAME_PC = 6, FRAME_WORDS = 8 };

/* The stack may be what is broken, and nothing goes back to it: start it anew before any C runs. */
__attribute__((naked)) void edgeq_fault_entry(void)
{
    __asm volatile("mov r0, sp\n\t"
                   "ldr r1, =edgeq_stack_top\n\t"
                   "mov sp, r1\n\t"
                   "bl edgeq_fault_report\n\t"
                   ".ltorg\n\t");
}

static char *put_text(char *to, const char *text)
{
    while (*text != '\0') {
        *to++ = *text++;
    }
    return to;
}

static char *put_hex(char *to, const char *label, uint32_t value)
{
    to = put_text(to, label);
    for (int shift = 28; shift >= 0; shift -= 4) {
        *to++ = "0123456789abcdef"[(value >> shift) & 15u];
    }
    return to;
}

static const char *exception_name(void)
{
    uint32_t number;
    __asm volatile("mrs %0, ipsr" : "=r"(number));
    switch (number) {
    case 2:
        return "NMI";
    case 3:
        return "HardFault";
    case 4:
        return "MemManage";
    case 5:
        return "BusFault";
    case 6:
        return "UsageFault";
    case 7:
        return "SecureFault";
    default:
        return "unexpected-interrupt";
    }
}

__attribute__((used, noreturn)) void edgeq_fault_report(const uint32_t *frame)
{
    char line[96];
    uint32_t pc = 0, lr = 0, cfsr = 0;
    const char *name = exception_name();
    if (frame >= edgeq_stack_bottom && frame + FRAME_WORDS <= edgeq_stack_top) {
        lr = frame[FRAME_LR];
        pc = frame[FRAME_PC];
    } else {
        name = "stack-overflow"; /* the core had no room for the frame: pc and lr are lost */
    }
#if __ARM_ARCH >= 7 || defined(__ARM_ARCH_8M_MAIN__)
    cfsr = SCB_CFSR;
#endif
    char *end = put_text(line, "e-[fault ");
    end = put_text(end, name);
    end = put_hex(end, " pc=0x", pc);
    end = put_hex(end, " lr=0x", lr);
    end = put_hex(end, " cfsr=0x", cfsr);
    end = put_text(end, "]\r\n");
    edgeq_port_write((const uint8_t *)line, (uint32_t)(end - line));
    edgeq_port_halt();
}
