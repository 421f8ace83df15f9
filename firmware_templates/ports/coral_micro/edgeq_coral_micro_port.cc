/* The port of the Coral Dev Board Micro. The SDK's USB console only sends, so the link is a TCP connection to port
   5555, over the network that the board makes of its USB cable (10.10.10.1). */
#include <cstdint>

#include "libs/base/network.h"
#include "libs/base/timer.h"
#include "third_party/freertos_kernel/include/FreeRTOS.h"
#include "third_party/freertos_kernel/include/task.h"

extern "C" {
#include "edgeq_port.h"
}

namespace {

constexpr int kPort = 5555;

int server = -1;
int client = -1;
uint8_t received[512];
uint32_t taken, filled;

void hang_up()
{
    coralmicro::SocketClose(client);
    client = -1;
    taken = filled = 0;
}

/* Waits for n bytes, at most what received holds. */
void fill(uint32_t n)
{
    taken = filled = 0;
    if (coralmicro::ReadBytes(client, received, n) == coralmicro::IOStatus::kOk) {
        filled = n;
    } else {
        hang_up();
    }
}

} // namespace

extern "C" {

const char edgeq_port_counter_unit[] = "none";
uint32_t edgeq_port_hz = 0;

void edgeq_port_init(void)
{
    server = coralmicro::SocketServer(kPort, 1);
}

int edgeq_port_read(void)
{
    if (taken == filled && client >= 0) {
        const int waiting = coralmicro::SocketAvailable(client);
        if (waiting > 0) {
            const uint32_t n = static_cast<uint32_t>(waiting);
            fill(n < sizeof received ? n : static_cast<uint32_t>(sizeof received));
        }
    }
    return taken == filled ? -1 : received[taken++];
}

void edgeq_port_write(const uint8_t *data, uint32_t n)
{
    if (client >= 0 && coralmicro::WriteBytes(client, data, n) != coralmicro::IOStatus::kOk) {
        hang_up();
    }
}

void edgeq_port_idle(void)
{
    if (client < 0) {
        client = coralmicro::SocketAccept(server);
        if (client < 0) {
            vTaskDelay(pdMS_TO_TICKS(100)); /* no network yet */
        }
    } else if (taken == filled) {
        fill(1);
    }
}

uint64_t edgeq_port_micros(void)
{
    return coralmicro::TimerMicros();
}

void edgeq_port_counter_start(void)
{
}

uint64_t edgeq_port_counter_stop(void)
{
    return 0;
}

void edgeq_port_halt(void)
{
    for (;;) {
        vTaskSuspend(nullptr);
    }
}

uint32_t edgeq_stack_size(void)
{
    return 0;
}

uint32_t edgeq_stack_high_water(void)
{
    return 0;
}

} // extern "C"
