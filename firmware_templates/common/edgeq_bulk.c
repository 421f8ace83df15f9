/* Frames, little-endian:
 *
 *   0  magic 0xEC 0x51   2  type   3  index, or status in an answer   4  number (16 bits)   6  payload length (16)
 *   8  argument (32)    12  CRC-32 of bytes 0 to 11   16  payload, then its CRC-32 begun from the header's; both only
 *                                                          where the length is not 0
 *
 * One request is outstanding. The number of a new request is the last one's plus 1; the same number again means that
 * the answer was lost: it is sent again, and nothing runs again. */
#include "edgeq_bulk.h"

#include "edgeq_crc.h"
#include "edgeq_link.h"
#include "edgeq_link_config.h"
#include "edgeq_port.h"
#include "edgeq_runtime.h"
#include "edgeq_session.h"
#include "edgeq_source.h"

enum { MAGIC_0 = 0xEC, MAGIC_1 = 0x51, ESCAPE = '%' };
enum { TYPE = 2, INDEX = 3, NUMBER = 4, LENGTH = 6, ARGUMENT = 8, HEADER_CRC = 12, HEADER_BYTES = 16 };
enum { INFO = 1, DESCRIBE = 2, LOAD = 3, RUN = 4, READ = 5, EXIT = 6, RESET = 7, ANSWER = 0x80, NAK = 0xFF };
enum { OK = 0, OUT_OF_ORDER = 1, DAMAGED = 2, BAD_REQUEST = 3, NOT_LOADED = 4, RUN_FAILED = 5 };
/* A damaged frame may be all escapes but for its first bytes: its two CRCs and its payload. */
enum { MOST_ESCAPES = EDGEQ_LINK_CHUNK + 8 };
enum { MEASURE = 1, FIRST_STEP = 2, ANSWER_PAYLOAD = 24 };

static uint32_t get16(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8;
}

static uint32_t get32(const uint8_t *from)
{
    return get16(from) | get16(from + 2) << 16;
}

static void put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *to, uint32_t value)
{
    put16(to, value);
    put16(to + 2, value >> 16);
}

static void answer(const uint8_t *request, uint32_t status, const uint8_t *payload, uint32_t n)
{
    uint8_t header[HEADER_BYTES], trailer[4];
    header[0] = MAGIC_0;
    header[1] = MAGIC_1;
    header[TYPE] = (uint8_t)(status == DAMAGED ? (uint32_t)NAK : request[TYPE] | (uint32_t)ANSWER);
    header[INDEX] = (uint8_t)status;
    put16(header + NUMBER, get16(request + NUMBER));
    put16(header + LENGTH, n);
    put32(header + ARGUMENT, get32(request + ARGUMENT));
    const uint32_t crc = edgeq_crc32(0, header, HEADER_CRC);
    put32(header + HEADER_CRC, crc);
    edgeq_port_write(header, sizeof header);
    if (n > 0u) {
        put32(trailer, edgeq_crc32(crc, payload, n));
        edgeq_port_write(payload, n);
        edgeq_port_write(trailer, sizeof trailer);
    }
}

/* Skips to the next magic and takes the header that follows. 0 when the host asks for text mode instead. */
static int hunt(uint8_t *header)
{
    uint32_t escapes = 0;
    uint8_t before = 0, byte = 0;
    while (before != MAGIC_0 || byte != MAGIC_1) {
        before = byte;
        byte = edgeq_link_receive();
        escapes = byte == ESCAPE ? escapes + 1u : 0u;
        if (escapes > MOST_ESCAPES) {
            return 0;
        }
    }
    header[0] = MAGIC_0;
    header[1] = MAGIC_1;
    for (uint32_t i = 2; i < HEADER_BYTES; ++i) {
        header[i] = edgeq_link_receive();
    }
    return 1;
}

/* Takes the payload, to nowhere where `to` is null. Whether it came whole. */
static int receive_payload(const uint8_t *header, uint8_t *to)
{
    uint32_t crc = get32(header + HEADER_CRC);
    uint8_t byte, trailer[4];
    const uint32_t n = get16(header + LENGTH);
    for (uint32_t i = 0; i < n; ++i) {
        byte = edgeq_link_receive();
        if (to != 0) {
            to[i] = byte;
        }
        crc = edgeq_crc32(crc, &byte, 1);
    }
    for (uint32_t i = 0; n > 0u && i < sizeof trailer; ++i) {
        trailer[i] = edgeq_link_receive();
    }
    return n == 0u || crc == get32(trailer);
}

static void info(const uint8_t *request)
{
    uint8_t payload[ANSWER_PAYLOAD];
    put32(payload, edgeq_stack_size());
    put32(payload + 4, edgeq_stack_high_water());
    put32(payload + 8, edgeq_arena_bytes);
    put32(payload + 12, edgeq_input_count());
    put32(payload + 16, edgeq_output_count());
    put32(payload + 20, edgeq_state_bytes);
    answer(request, edgeq_session_is_started() ? OK : RUN_FAILED, payload, sizeof payload);
}

static void describe(const uint8_t *request)
{
    const uint32_t index = request[INDEX], is_output = get32(request + ARGUMENT);
    if (is_output > 1u || index >= (is_output ? edgeq_output_count() : edgeq_input_count())) {
        answer(request, BAD_REQUEST, 0, 0);
        return;
    }
    const edgeq_tensor *tensor = is_output ? edgeq_output(index) : edgeq_source(index);
    uint8_t payload[8];
    put32(payload, tensor->bytes);
    put32(payload + 4, tensor->type);
    answer(request, OK, payload, sizeof payload);
}

static void read_output(const uint8_t *request)
{
    const uint32_t index = request[INDEX], offset = get32(request + ARGUMENT);
    const uint8_t *first = edgeq_session_output(index, offset, 1);
    if (first == 0) {
        answer(request, NOT_LOADED, 0, 0);
        return;
    }
    const uint32_t left = edgeq_output(index)->bytes - offset;
    answer(request, OK, first, left < EDGEQ_LINK_CHUNK ? left : EDGEQ_LINK_CHUNK);
}

static uint32_t run(const uint8_t *request, uint8_t *payload)
{
    edgeq_run_cost cost;
    const uint32_t argument = get32(request + ARGUMENT);
    if (!edgeq_session_is_loaded()) {
        return NOT_LOADED;
    }
#if EDGEQ_STEPWISE
    edgeq_step = argument >= FIRST_STEP ? argument - FIRST_STEP : EDGEQ_NO_STEP;
#else
    if (argument >= FIRST_STEP) {
        return BAD_REQUEST;
    }
#endif
    if (edgeq_session_run(argument == MEASURE, &cost) != 0) {
        return RUN_FAILED;
    }
#if EDGEQ_STEPWISE
    cost.count = argument >= FIRST_STEP ? edgeq_step_count : cost.count;
#endif
    put32(payload, (uint32_t)cost.count);
    put32(payload + 4, (uint32_t)(cost.count >> 32));
    put32(payload + 8, (uint32_t)cost.micros);
    put32(payload + 12, (uint32_t)(cost.micros >> 32));
    return OK;
}

void edgeq_bulk_serve(void)
{
    uint8_t header[HEADER_BYTES], ran[16] = {0}; /* what RUN answered last: it cannot be found again */
    uint32_t last = 0, last_type = 0, last_status = OK;
    edgeq_session_rewind();
    while (hunt(header)) {
        const uint32_t n = get16(header + LENGTH), number = get16(header + NUMBER);
        if (edgeq_crc32(0, header, HEADER_CRC) != get32(header + HEADER_CRC) || n > EDGEQ_LINK_CHUNK) {
            answer(header, DAMAGED, 0, 0);
            continue;
        }
        const int is_new = number == ((last + 1u) & 0xFFFFu);
        uint8_t *to = 0;
        if (is_new && header[TYPE] == LOAD) {
            to = edgeq_session_place(header[INDEX], get32(header + ARGUMENT), n);
        }
        if (!receive_payload(header, to)) {
            answer(header, DAMAGED, 0, 0);
            continue;
        }
        if (!is_new && (number != last || header[TYPE] != last_type)) {
            answer(header, OUT_OF_ORDER, 0, 0);
            continue;
        }
        last = number;
        last_type = header[TYPE];
        switch (header[TYPE]) {
        case INFO:
            info(header);
            break;
        case DESCRIBE:
            describe(header);
            break;
        case LOAD:
            if (is_new) {
                last_status = to != 0 ? OK : BAD_REQUEST;
                if (to != 0) {
                    edgeq_session_loaded(n);
                }
            }
            answer(header, last_status, 0, 0);
            break;
        case RUN:
            if (is_new) {
                last_status = run(header, ran);
            }
            answer(header, last_status, ran, last_status == OK ? sizeof ran : 0u);
            break;
        case READ:
            read_output(header);
            break;
        case RESET:
            if (is_new) {
                last_status = edgeq_session_reset() == 0 ? OK : RUN_FAILED;
            }
            answer(header, last_status, 0, 0);
            break;
        case EXIT:
            answer(header, OK, 0, 0);
            return;
        default:
            answer(header, BAD_REQUEST, 0, 0);
            break;
        }
    }
}
