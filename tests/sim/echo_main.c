/* Firmware that echoes; 'a' ends it by abort, 'q' by exit code 3, 'h' makes it hang. */
#include <stdint.h>

#include "edgeq_port.h"

#include <stdlib.h>

int main(void)
{
    edgeq_port_init();
    edgeq_port_write((const uint8_t *)"hello\n", 6);
    for (;;) {
        const int c = edgeq_port_read();
        if (c < 0) {
            edgeq_port_idle();
            continue;
        }
        if (c == 'a') {
            abort();
        }
        if (c == 'q') {
            exit(3);
        }
        while (c == 'h') {
            __asm volatile("");
        }
        const uint8_t echoed = (uint8_t)c;
        edgeq_port_write(&echoed, 1);
    }
}
