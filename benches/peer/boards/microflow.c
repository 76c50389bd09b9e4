/* A perceptron by microflow: ../microflow. */
#include "peer.h"

uint32_t microflow_classify(const int8_t *pixels);

static int8_t shown[PIXELS];

void prepare(void)
{
}

void show(const uint32_t *state)
{
    for (uint32_t i = 0; i < PIXELS; i++) {
        shown[i] = (int8_t)(state[i / 32] >> i % 32 & 1);
    }
}

uint32_t classify(void)
{
    return microflow_classify(shown);
}
