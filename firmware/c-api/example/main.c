/* Classifies and relaxes stored digits, and tells whether all went well. */
#include "dam.h"
#include "digits.h"
#include "machine.h"
#include "states.h"

static void check(dam_error error, const char *what)
{
    if (error != DAM_OK) {
        print(what);
        leave(10 + error);
    }
}

static uint64_t scratch[128];

void run(void)
{
    dam_sizes sizes;
    dam_recall recall;
    check(dam_sizes_of(digits, DIGITS_WORDS, &sizes), "dam_sizes_of\n");
    if (sizes.scratch_bytes > sizeof scratch || sizes.state_words != STATES_WORDS) {
        leave(2);
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
}
