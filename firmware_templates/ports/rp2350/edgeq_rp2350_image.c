/* What RP2350's boot ROM looks for in the first 4 KB of flash: the smallest definition of an image that runs on the Arm
 * cores, secure (datasheet 5.9.5.1). It names no vector table: the image begins with it (5.9.3.2). The ROM leaves
 * flash readable in the fastest of the modes that it found to work, at most at a third of the core's clock (5.4.8). */
#include <stdint.h>

#define BLOCK_BEGINS 0xFFFFDED3u
#define BLOCK_ENDS 0xAB123579u
#define ITEM_IMAGE_TYPE 0x42u
#define ITEM_LAST 0xFFu

#define TYPE_EXECUTABLE 1u
#define TYPE_SECURE (2u << 4)
#define TYPE_ARM (0u << 8)
#define TYPE_RP2350 (1u << 12)

/* An item: what, its size in words; the last one tells the size of all before it. */
extern const uint32_t edgeq_rp2350_image[5];
__attribute__((section(".edgeq_header"), used)) const uint32_t edgeq_rp2350_image[5] = {
    BLOCK_BEGINS,
    (TYPE_EXECUTABLE | TYPE_SECURE | TYPE_ARM | TYPE_RP2350) << 16 | 1u << 8 | ITEM_IMAGE_TYPE,
    1u << 8 | ITEM_LAST,
    0u, /* the next block is this one: there is no other */
    BLOCK_ENDS,
};
