/* The least that shows a port at work: says hello, echoes, and tells the clock that it reached. */
#include "edgeq_port.h"

static void tell(uint32_t value)
{
    uint8_t text[9];
    for (uint32_t i = 0; i < 8u; ++i) {
        text[i] = (uint8_t) "0123456789abcdef"[(value >> (28u - 4u * i)) & 15u];
    }
    text[8] = '\n';
    edgeq_port_write(text, sizeof text);
}

int main(void)
{
    static const uint8_t hello[] = {'h', 'e', 'l', 'l', 'o', '\n'}; /* in flash */
    edgeq_port_init();
    edgeq_port_write(hello, sizeof hello);
    edgeq_port_counter_start();
    for (;;) {
        const int read = edgeq_port_read();
        if (read < 0) {
            edgeq_port_idle();
        } else if (read == '?') {
            tell(edgeq_port_hz);
        } else if (read == 'u') {
            tell((uint32_t)edgeq_port_micros());
        } else if (read == 'c') {
            tell((uint32_t)edgeq_port_counter_stop());
        } else if (read == 'C') {
            tell((uint32_t)(edgeq_port_counter_stop() >> 32));
        } else {
            const uint8_t byte = (uint8_t)read;
            edgeq_port_write(&byte, 1);
        }
    }
}
