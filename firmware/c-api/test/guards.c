/* Whatever the library is lent lies between guard bytes, and every pointer is tried null and at each odd address: nothing
 * but what was lent is written, and nothing at all where there is an error. */
#include "dam.h"
#include "digits.h"
#include "machine.h"
#include "states.h"

#define GUARD 0xaa
#define GUARDS 16

/* So many of a type are lent between guards. */
#define LENT(type, count) \
    union { \
        struct { \
            uint8_t before[GUARDS]; \
            type lent[count]; \
            uint8_t after[GUARDS]; \
        } parts; \
        uint8_t all[GUARDS + sizeof(type) * (count) + GUARDS]; \
    }

static LENT(uint64_t, 128) scratch;
static LENT(uint32_t, STATES_WORDS) state;
static LENT(dam_sizes, 1) sizes;
static LENT(dam_recall, 1) recall;
static LENT(uint32_t, 1) answer;
static LENT(dam_answer, 1) surely;
static LENT(uint8_t, 196) grey;
static LENT(dam_end, 1) end;
static LENT(uint32_t, 1) sweeps;

static uint32_t failures;

static void expect(int holds, const char *what)
{
    if (!holds) {
        print(what);
        print(" does not hold\n");
        failures++;
    }
}
#define EXPECT(what) expect(what, #what)

static void fill(uint8_t *all, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        all[i] = GUARD;
    }
}
#define FILL(lent) fill((lent).all, sizeof(lent).all)

/* Whether all bytes but those from GUARDS on, `written` of them, are untouched. */
static int whole(const uint8_t *all, uint32_t bytes, uint32_t written)
{
    for (uint32_t i = 0; i < bytes; i++) {
        if ((i < GUARDS || i >= GUARDS + written) && all[i] != GUARD) {
            return 0;
        }
    }
    return 1;
}
#define WHOLE(lent, written) whole((lent).all, sizeof(lent).all, written)

/* What is lent, and a pointer that is so many bytes off. */
#define OF(name) ((name).parts.lent)
#define OFF(type, name, by) ((type *)(void *)((name).all + GUARDS + (by)))

static void copy_state(void)
{
    FILL(state);
    for (uint32_t w = 0; w < STATES_WORDS; w++) {
        OF(state)[w] = states[0][w];
    }
}

static void refuses(uint32_t scratch_bytes)
{
    dam_recall *opened = OF(recall);
    FILL(answer);
    FILL(end);
    FILL(sweeps);
    copy_state();
    EXPECT(dam_classify(opened, OF(state), STATES_WORDS - 1, OF(answer)) == DAM_STATE);
    EXPECT(dam_classify_surely(opened, OF(state), STATES_WORDS - 1, OF(surely)) == DAM_STATE);
    EXPECT(dam_show(opened, OF(grey), 196, OF(state), STATES_WORDS - 1) == DAM_STATE);
    EXPECT(dam_show(opened, 0, 196, OF(state), STATES_WORDS) == DAM_NULL);
    EXPECT(dam_classify(0, OF(state), STATES_WORDS, OF(answer)) == DAM_NULL);
    EXPECT(dam_classify(opened, 0, STATES_WORDS, OF(answer)) == DAM_NULL);
    EXPECT(dam_classify(opened, OF(state), STATES_WORDS, 0) == DAM_NULL);
    EXPECT(dam_relax(opened, OF(state), STATES_WORDS, 20, 0, OF(sweeps)) == DAM_NULL);
    EXPECT(dam_relax(opened, OF(state), STATES_WORDS, 20, OF(end), 0) == DAM_NULL);
    for (uint32_t by = 1; by < 4; by++) {
        uint32_t *odd = OFF(uint32_t, answer, by);
        EXPECT(dam_relax(opened, OF(state), STATES_WORDS, 20, OFF(dam_end, end, by), OF(sweeps)) == DAM_ALIGNMENT);
        EXPECT(dam_relax(opened, OF(state), STATES_WORDS, 20, OF(end), odd) == DAM_ALIGNMENT);
        EXPECT(dam_relax(opened, OFF(uint32_t, state, by), STATES_WORDS, 20, OF(end), OF(sweeps)) ==
               DAM_ALIGNMENT);
        EXPECT(dam_classify(opened, OF(state), STATES_WORDS, odd) == DAM_ALIGNMENT);
        EXPECT(dam_classify(OFF(dam_recall, recall, by), OF(state), STATES_WORDS, OF(answer)) ==
               DAM_ALIGNMENT);
        EXPECT(dam_sizes_of(digits, DIGITS_WORDS, OFF(dam_sizes, sizes, by)) == DAM_ALIGNMENT);
        EXPECT(dam_sizes_of(odd, DIGITS_WORDS, OF(sizes)) == DAM_ALIGNMENT);
        EXPECT(dam_init(OFF(dam_recall, recall, by), digits, DIGITS_WORDS, OF(scratch), scratch_bytes) ==
               DAM_ALIGNMENT);
        EXPECT(dam_init(opened, odd, DIGITS_WORDS, OF(scratch), scratch_bytes) == DAM_ALIGNMENT);
    }
    for (uint32_t by = 1; by < 8; by++) {
        EXPECT(dam_init(opened, digits, DIGITS_WORDS, OFF(void, scratch, by), scratch_bytes) == DAM_ALIGNMENT);
    }
    EXPECT(dam_init(opened, digits, DIGITS_WORDS - 1, OF(scratch), scratch_bytes) == DAM_LENGTH);
    EXPECT(dam_init(opened, digits, DIGITS_WORDS, OF(scratch), scratch_bytes - 1) == DAM_SCRATCH);
    EXPECT(dam_init(opened, 0, 0, OF(scratch), scratch_bytes) == DAM_NULL);
    EXPECT(WHOLE(answer, 0) && WHOLE(end, 0) && WHOLE(sweeps, 0));
    EXPECT(OF(state)[0] == states[0][0] && WHOLE(state, 4 * STATES_WORDS));
}

void run(void)
{
    FILL(sizes);
    EXPECT(dam_sizes_of(digits, DIGITS_WORDS, OF(sizes)) == DAM_OK && WHOLE(sizes, sizeof(dam_sizes)));
    const dam_sizes *needs = OF(sizes);
    EXPECT(needs->state_words == STATES_WORDS && needs->pixels == 196 && needs->tasks == 1 && needs->classes == 10);
    EXPECT(needs->memories == STATES_COUNT && needs->threshold == 1 && needs->scratch_bytes <= 1024);

    FILL(scratch);
    FILL(recall);
    dam_recall *opened = OF(recall);
    EXPECT(dam_init(OF(recall), digits, DIGITS_WORDS, OF(scratch), needs->scratch_bytes) == DAM_OK);
    EXPECT(WHOLE(recall, sizeof(dam_recall)) && WHOLE(scratch, 0));
    EXPECT(opened->precision == 8 && opened->words == STATES_WORDS);

    FILL(answer);
    copy_state();
    EXPECT(dam_classify(opened, OF(state), STATES_WORDS, OF(answer)) == DAM_OK);
    EXPECT(*OF(answer) < needs->classes && WHOLE(answer, 4));
    EXPECT(WHOLE(scratch, needs->scratch_bytes) && WHOLE(state, 4 * STATES_WORDS));

    FILL(surely);
    EXPECT(dam_classify_surely(opened, OF(state), STATES_WORDS, OF(surely)) == DAM_OK);
    EXPECT(OF(surely)->class_ == *OF(answer) && OF(surely)->rejected == 0 && WHOLE(surely, sizeof(dam_answer)));
    /* The model tells of no sensor. */
    FILL(grey);
    EXPECT(dam_show(opened, OF(grey), sizeof OF(grey), OF(state), STATES_WORDS) == DAM_SENSOR);
    EXPECT(OF(state)[0] == states[0][0] && WHOLE(state, 4 * STATES_WORDS));

    FILL(end);
    FILL(sweeps);
    EXPECT(dam_relax(opened, OF(state), STATES_WORDS, 20, OF(end), OF(sweeps)) == DAM_OK);
    EXPECT(*OF(end) == DAM_STABLE && *OF(sweeps) <= 20);
    EXPECT(WHOLE(end, 4) && WHOLE(sweeps, 4) && WHOLE(state, 4 * STATES_WORDS));
    EXPECT(WHOLE(scratch, needs->scratch_bytes) && WHOLE(recall, sizeof(dam_recall)));

    /* A variable of the interface's own type, with its neighbours, as a caller has it. */
    struct {
        uint8_t before;
        dam_end end;
        uint8_t after[7];
    } caller = {GUARD, 9, {GUARD, GUARD, GUARD, GUARD, GUARD, GUARD, GUARD}};
    copy_state();
    EXPECT(dam_relax(opened, OF(state), STATES_WORDS, 20, &caller.end, OF(sweeps)) == DAM_OK);
    EXPECT(caller.before == GUARD && caller.end == DAM_STABLE && whole(caller.after, sizeof caller.after, 0));

    refuses(needs->scratch_bytes);
    if (failures > 0) {
        leave(1);
    }
    print("guards are whole\n");
}
