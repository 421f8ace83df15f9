#include "edgeq_adaptor.h"

#include "edgeq_link_config.h"
#include "edgeq_mem.h"
#include "edgeq_print.h"
#include "edgeq_runtime.h"
#include "edgeq_session.h"
#include "edgeq_source.h"

enum { NAME_BYTES = 31, KEPT_BYTES = 128 };

typedef enum { AS_IT_IS, SIGNED_BYTES, UNSIGNED_BYTES, FLOATS } source;

static char selected[NAME_BYTES + 1]; /* empty: EDGEQ_LINK_MODEL */
static uint32_t missing;
static uint32_t results_n;       /* elements of output 0 that are results; 0: none yet */
static uint8_t kept[KEPT_BYTES]; /* the first bytes of output 0, once runs have followed */
static uint8_t is_kept;
#if EDGEQ_LINK_FLOATS > 0
static float given[EDGEQ_LINK_FLOATS]; /* ad01 is scored against the input as it was before quantization */
static uint32_t given_n;
static float error;
#endif

static int is(const char *name, const char *other)
{
    while (*name != '\0' && *name == *other) {
        ++name;
        ++other;
    }
    return *name == *other;
}

static source source_of(const char *name)
{
    static const struct {
        char name[6];
        uint8_t source;
    } known[] = {
        {"kws01", SIGNED_BYTES},
        {"vww01", UNSIGNED_BYTES},
        {"ic01", UNSIGNED_BYTES},
        {"ad01", FLOATS},
    };
    for (uint32_t i = 0; i < sizeof known / sizeof known[0]; ++i) {
        if (is(name, known[i].name)) {
            return (source)known[i].source;
        }
    }
    return AS_IT_IS;
}

static source source_now(void)
{
    const source wanted = source_of(edgeq_adaptor_model());
    return wanted == FLOATS && EDGEQ_LINK_FLOATS == 0 ? AS_IT_IS : wanted;
}

/* Of output 0, whose type is known when the firmware is made. */
static inline uint32_t element_bytes(void)
{
    switch (EDGEQ_LINK_OUTPUT) {
    case EDGEQ_TYPE_INT16:
        return 2;
    case EDGEQ_TYPE_INT32:
    case EDGEQ_TYPE_FLOAT32:
        return 4;
    case EDGEQ_TYPE_INT64:
        return 8;
    default:
        return 1;
    }
}

static inline int is_quantized(void)
{
    return EDGEQ_LINK_OUTPUT == EDGEQ_TYPE_INT8 || EDGEQ_LINK_OUTPUT == EDGEQ_TYPE_UINT8 ||
           EDGEQ_LINK_OUTPUT == EDGEQ_TYPE_INT16;
}

/* Element i of output 0 of integers, as it is; `data` holds its elements. */
static inline int64_t element(const uint8_t *data, uint32_t i)
{
    const uint32_t n = element_bytes();
    if (n == 1u) {
        return EDGEQ_LINK_OUTPUT == EDGEQ_TYPE_INT8 ? (int8_t)data[i] : data[i];
    }
    uint64_t bits = 0;
    for (uint32_t at = n; at > 0u; --at) {
        bits = bits << 8 | data[i * n + at - 1u];
    }
    if (n < 8u && bits >> (8u * n - 1u) != 0u) {
        bits |= UINT64_MAX << 8u * n;
    }
    return (int64_t)bits;
}

const char *edgeq_adaptor_model(void)
{
    return selected[0] != '\0' ? selected : EDGEQ_LINK_MODEL;
}

const char *edgeq_adaptor_select(const char *name)
{
    uint32_t n = 0;
    for (; name[n] != '\0'; ++n) {
        if (n == NAME_BYTES || name[n] <= ' ' || name[n] == '[' || name[n] == ']') {
            return "a name has up to 31 characters, no space [ ]";
        }
    }
    if (EDGEQ_LINK_FLOATS == 0 && source_of(name) == FLOATS) {
        return "ad01 needs RAM for floats: generate --name ad01";
    }
    for (char *to = selected; (*to++ = *name++) != '\0';) {
    }
    edgeq_adaptor_forget();
    return 0;
}

uint32_t edgeq_adaptor_bytes(void)
{
    const uint32_t own = edgeq_session_input_bytes();
    return source_now() == FLOATS ? 4u * own : own;
}

void edgeq_adaptor_forget(void)
{
    edgeq_session_rewind();
    missing = 0;
    results_n = 0;
    is_kept = 0;
}

void edgeq_adaptor_begin(void)
{
    edgeq_adaptor_forget();
    missing = edgeq_adaptor_bytes();
#if EDGEQ_LINK_FLOATS > 0
    given_n = 0;
#endif
}

uint32_t edgeq_adaptor_missing(void)
{
    return missing;
}

#if EDGEQ_LINK_FLOATS > 0
/* Real to integer, half away from zero, clipped to the tensor's type. Not a number becomes the zero point. */
static uint8_t quantize(float real, const edgeq_tensor *tensor)
{
    const int32_t least = tensor->type == EDGEQ_TYPE_UINT8 ? 0 : -128;
    const float steps = real / tensor->scale;
    int32_t q = 0;
    if (steps >= 512.0f) {
        q = 512;
    } else if (steps <= -512.0f) {
        q = -512;
    } else if (steps == steps) {
        q = (int32_t)steps;
        const float rest = steps - (float)q;
        q += rest >= 0.5f ? 1 : rest <= -0.5f ? -1 : 0;
    }
    q += tensor->zero_point;
    return (uint8_t)(q < least ? least : q > least + 255 ? least + 255 : q);
}

static void put_float_byte(uint8_t byte)
{
    static uint8_t bytes[4];
    const uint32_t n = 4u * edgeq_session_input_bytes() - missing;
    bytes[n % 4u] = byte;
    if (n % 4u == 3u && given_n < EDGEQ_LINK_FLOATS) {
        memcpy(&given[given_n], bytes, 4);
        edgeq_session_put(quantize(given[given_n], edgeq_input(0)));
        ++given_n;
    }
}

static float mean_squared_error(void)
{
    const edgeq_tensor *tensor = edgeq_output(0);
    const uint8_t *data = tensor->data;
    const uint32_t n = tensor->bytes < given_n ? tensor->bytes : given_n;
    float sum = 0.0f;
    for (uint32_t i = 0; i < n; ++i) {
        const float difference = (float)((int32_t)element(data, i) - tensor->zero_point) * tensor->scale - given[i];
        sum += difference * difference;
    }
    return sum / (float)n;
}
#endif

void edgeq_adaptor_put(uint8_t byte)
{
    const source from = source_now();
#if EDGEQ_LINK_FLOATS > 0
    if (from == FLOATS) {
        put_float_byte(byte);
        --missing;
        return;
    }
#endif
    const uint8_t type = edgeq_source(0)->type;
    if ((from == SIGNED_BYTES && type == EDGEQ_TYPE_UINT8) || (from == UNSIGNED_BYTES && type == EDGEQ_TYPE_INT8)) {
        byte ^= 0x80u; /* minus or plus 128 */
    }
    (void)edgeq_session_put(byte);
    --missing;
}

/* Later runs overwrite the outputs: saves what fits. */
static void save(void)
{
    const edgeq_tensor *output = edgeq_output(0);
    const uint32_t n = output->bytes < KEPT_BYTES ? output->bytes : KEPT_BYTES;
#if EDGEQ_LINK_FLOATS > 0
    error = mean_squared_error();
#endif
    for (uint32_t i = 0; i < n; ++i) {
        ((volatile uint8_t *)kept)[i] = ((const uint8_t *)output->data)[i]; /* as a loop: memcpy is for others, if any */
    }
    results_n = n / element_bytes();
    is_kept = 1;
}

int edgeq_adaptor_run(void)
{
    if (!edgeq_session_is_loaded()) {
        if (!is_kept) {
            save();
        }
        return edgeq_session_repeat();
    }
    edgeq_run_cost cost;
    const int failure = edgeq_session_run(0, &cost);
    results_n = failure == 0 ? edgeq_output(0)->bytes / element_bytes() : 0u;
    return failure;
}

static void print_whole(int64_t value)
{
    if (value < 0) {
        edgeq_print_char('-');
    }
    edgeq_print_number(value < 0 ? 0u - (uint64_t)value : (uint64_t)value);
}

int edgeq_adaptor_has_results(void)
{
    return results_n > 0u;
}

void edgeq_adaptor_print_results(void)
{
    const edgeq_tensor *output = edgeq_output(0);
    const uint8_t *data = is_kept ? kept : output->data;
    uint32_t bits;
#if EDGEQ_LINK_FLOATS > 0
    if (source_now() == FLOATS) {
        if (!is_kept) {
            error = mean_squared_error();
        }
        memcpy(&bits, &error, sizeof bits);
        edgeq_print_milli(bits, 1);
        return;
    }
#endif
    for (uint32_t i = 0; i < results_n; ++i) {
        if (i > 0u) {
            edgeq_print_char(',');
        }
        if (EDGEQ_LINK_OUTPUT == EDGEQ_TYPE_FLOAT32) {
            memcpy(&bits, data + 4u * i, sizeof bits);
            edgeq_print_milli(bits, 1);
        } else if (is_quantized()) {
            memcpy(&bits, &output->scale, sizeof bits);
            edgeq_print_milli(bits, (int32_t)element(data, i) - output->zero_point);
        } else {
            print_whole(element(data, i));
        }
    }
}
