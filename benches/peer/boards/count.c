/* Classifies all digits, and counts how many are right, and by the system timer what that takes. */
#include "labels.h"
#include "machine.h"
#include "peer.h"
#include "states.h"

#define TIMER ((volatile uint32_t *)0xe000e010)
#define TICKS 0xffffffu

static void number(const char *what, uint32_t value)
{
    char text[12];
    uint32_t place = sizeof text - 1;
    text[place] = 0;
    text[--place] = '\n';
    do {
        text[--place] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    print(what);
    print(text + place);
}

void run(void)
{
    prepare();
    TIMER[1] = TICKS;
    TIMER[2] = 0;
    TIMER[0] = 5;
    uint32_t right = 0, ticks = 0;
    for (uint32_t i = 0; i < STATES_COUNT; i++) {
        show(states[i]);
        const uint32_t before = TIMER[2];
        const uint32_t answer = classify();
        ticks += (before - TIMER[2]) & TICKS;
        right += answer == labels[i];
    }
    number("right ", right);
    number("ticks ", ticks);
}
