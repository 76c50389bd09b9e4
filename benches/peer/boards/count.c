/* Classifies all digits, and counts how many are right, and by the system timer what that takes. */
#include "labels.h"
#include "peer.h"
#include "states.h"
#include "timer.h"

void run(void)
{
    prepare();
    timer_start();
    uint32_t right = 0, ticks = 0;
    for (uint32_t i = 0; i < STATES_COUNT; i++) {
        show(states[i]);
        const uint32_t before = timer_now();
        const uint32_t answer = classify();
        ticks += timer_since(before);
        right += answer == labels[i];
    }
    print_number("right ", right);
    print_number("ticks ", ticks);
}
