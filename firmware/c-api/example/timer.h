/* The system timer of a Cortex-M, which counts down, and numbers as text. */
#ifndef TIMER_H
#define TIMER_H

#include "machine.h"

#define TIMER ((volatile uint32_t *)0xe000e010)
#define TICKS 0xffffffu

static inline void timer_start(void)
{
    TIMER[1] = TICKS;
    TIMER[2] = 0;
    TIMER[0] = 5;
}

static inline uint32_t timer_now(void)
{
    return TIMER[2];
}

/* What passed since, less than 2^24 ticks. */
static inline uint32_t timer_since(uint32_t before)
{
    return (before - TIMER[2]) & TICKS;
}

static inline void print_number(const char *what, uint32_t value)
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

#endif
