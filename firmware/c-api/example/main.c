/* Classifies and relaxes stored digits on mps2-an386 (Cortex-M4F), and tells by semihosting whether all went well. */
#include <stdint.h>

#include "dam.h"
#include "digits.h"
#include "states.h"

extern uint32_t stack_top;

/* Semihosting: operation in r0, parameter in r1. */
static int call(int operation, const void *parameter)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = parameter;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void print(const char *text)
{
    call(0x04, text);
}

static void leave(uint32_t code)
{
    const uint32_t block[2] = {0x20026, code};
    call(0x20, block);
    for (;;) {
    }
}

static void check(dam_error error, const char *what)
{
    if (error != DAM_OK) {
        print(what);
        leave(10 + error);
    }
}

static uint64_t scratch[512];

static void run(void)
{
    dam_sizes sizes;
    dam_recall recall;
    check(dam_sizes_of(digits, DIGITS_WORDS, &sizes), "dam_sizes_of\n");
    if (sizes.scratch_bytes > sizeof scratch || sizes.state_words != STATES_WORDS) {
        leave(2);
    }
    if (dam_init(&recall, digits, DIGITS_WORDS - 1, scratch, sizeof scratch) != DAM_LENGTH ||
        dam_init(&recall, digits, DIGITS_WORDS, scratch, 8) != DAM_SCRATCH ||
        dam_init(&recall, 0, 0, scratch, sizeof scratch) != DAM_NULL) {
        leave(3);
    }
    check(dam_init(&recall, digits, DIGITS_WORDS, scratch, sizeof scratch), "dam_init\n");
    char answers[STATES_COUNT + 2];
    for (uint32_t i = 0; i < STATES_COUNT; i++) {
        uint32_t answer;
        check(dam_classify(&recall, states[i], STATES_WORDS, &answer), "dam_classify\n");
        answers[i] = (char)('0' + answer);
    }
    answers[STATES_COUNT] = '\n';
    answers[STATES_COUNT + 1] = 0;
    print(answers);
    uint32_t state[STATES_WORDS];
    for (uint32_t w = 0; w < STATES_WORDS; w++) {
        state[w] = states[0][w];
    }
    dam_end end;
    uint32_t sweeps;
    check(dam_relax(&recall, state, STATES_WORDS, 20, &end, &sweeps), "dam_relax\n");
    char line[] = {'e', 'n', 'd', ' ', (char)('0' + end), ' ', (char)('0' + sweeps / 10), (char)('0' + sweeps % 10), '\n', 0};
    print(line);
    leave(0);
}

void reset(void)
{
    /* The floating-point unit, which compilers may use to move data. */
    *(volatile uint32_t *)0xe000ed88 |= 0xf << 20;
    __asm__ volatile("dsb\n isb");
    run();
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {&stack_top, (const void *)reset};
