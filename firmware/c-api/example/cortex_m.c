/* A Cortex-M in QEMU: its start, and semihosting. */
#include "machine.h"

extern uint32_t stack_top;

/* Semihosting: operation in r0, parameter in r1. */
static int call(int operation, const void *parameter)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = parameter;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void print(const char *text)
{
    call(0x04, text);
}

void leave(uint32_t code)
{
    const uint32_t block[2] = {0x20026, code};
    call(0x20, block);
    for (;;) {
    }
}

void reset(void)
{
#ifdef __ARM_FP
    /* The floating-point unit, which compilers may use to move data. */
    *(volatile uint32_t *)0xe000ed88 |= 0xf << 20;
    __asm__ volatile("dsb\n isb");
#endif
    run();
    leave(0);
}

static void fault(void)
{
    print("HardFault\n");
    leave(70);
}

/* Stack, start, NMI, HardFault. */
typedef union {
    const void *stack;
    void (*handler)(void);
} vector;
__attribute__((section(".vectors"), used)) static const vector vectors[] = {
    {.stack = &stack_top}, {.handler = reset}, {.handler = fault}, {.handler = fault}};
