/* A random forest, as emlearn writes it. */
#include "model.h"
#include "peer.h"

static int16_t features[PIXELS];

/* The forest's votes begin at 0. */
void *memset(void *to, int byte, __SIZE_TYPE__ count)
{
    volatile uint32_t *words = to;
    volatile unsigned char *rest;
    const uint32_t word = (unsigned char)byte * 0x01010101u;
    for (; ((uintptr_t)words & 3) == 0 && count >= 4; count -= 4) {
        *words++ = word;
    }
    for (rest = (volatile unsigned char *)words; count; count--) {
        *rest++ = (unsigned char)byte;
    }
    return to;
}

void prepare(void)
{
}

void show(const uint32_t *state)
{
    for (uint32_t pixel = 0; pixel < PIXELS; pixel++) {
        features[pixel] = (int16_t)(2 * (state[pixel / 32] >> pixel % 32 & 1));
    }
}

uint32_t classify(void)
{
    return (uint32_t)forest_predict(features, PIXELS);
}
