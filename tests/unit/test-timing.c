// SPDX-License-Identifier: GPL-3.0-or-later
/* Percentiles, frequencies and numbers of repetitions, on clocks that do as they are told. */
#include "core/base/cleanup.h"
#include "core/host/timing.h"
#include "unit.h"

/*
 * Every reading of either clock takes a while.
 *
 * @now_ns: the time
 * @per_us: ticks a microsecond
 * @reading_ns: what a reading takes
 * @stolen_ns: what one in five takes besides, by a sequence that @seed starts
 */
struct fake {
	struct ep_tsc_clock clock;
	uint64_t now_ns;
	uint64_t per_us;
	uint64_t reading_ns;
	uint64_t stolen_ns;
	uint32_t seed;
};

static void pass(struct fake *fake)
{
	fake->now_ns += fake->reading_ns;
	fake->seed = fake->seed * 1664525 + 1013904223;
	if (fake->seed >> 16 < 0x10000 / 5)
		fake->now_ns += fake->stolen_ns;
}

static uint64_t fake_tsc(struct ep_tsc_clock *clock)
{
	struct fake *fake = (struct fake *)clock;

	pass(fake);
	return 12345 + fake->now_ns * fake->per_us / 1000;
}

static uint64_t fake_raw_ns(struct ep_tsc_clock *clock)
{
	struct fake *fake = (struct fake *)clock;

	pass(fake);
	return fake->now_ns;
}

static struct fake fake_of(uint64_t per_us)
{
	return (struct fake){
		.clock = { .tsc = fake_tsc, .raw_ns = fake_raw_ns },
		.now_ns = 77777,
		.per_us = per_us,
		.reading_ns = 20,
	};
}

static void about(double value, double expected, double share)
{
	if (value < expected * (1 - share) || value > expected * (1 + share))
		fail_msg("%f instead of %f", value, expected);
}

static void test_calibrate(void **state)
{
	struct fake fake = fake_of(2600);

	about(ep_tsc_calibrate(&fake.clock, 10000000), 2600000, 1e-5);
	fake = fake_of(1);
	about(ep_tsc_calibrate(&fake.clock, 10000000), 1000, 1e-3);
	/* Now and then the vCPU does not run, between the two clocks or elsewhere. */
	for (uint32_t seed = 0; seed < 50; seed++) {
		fake = fake_of(2600);
		fake.seed = seed;
		fake.stolen_ns = 300000;
		about(ep_tsc_calibrate(&fake.clock, 10000000), 2600000, 1e-5);
	}
}

static void test_stopped_clock(void **state)
{
	struct fake fake = fake_of(0);

	assert_true(ep_tsc_calibrate(&fake.clock, 1000000) > 0);
}

/* A host whose CPUID says how fast its TSC is, or not. */
static struct {
	uint32_t highest;
	struct ep_cpuid_regs crystal;
	uint32_t hypervisor_highest;
	uint32_t hypervisor_khz;
} said;

static void answer(struct ep_cpuid *cpuid, struct ep_cpuid_regs *regs)
{
	uint32_t leaf = regs->eax;

	*regs = (struct ep_cpuid_regs){};
	if (leaf == 0)
		regs->eax = said.highest;
	else if (leaf == 0x15)
		*regs = said.crystal;
	else if (leaf == 0x40000000)
		regs->eax = said.hypervisor_highest;
	else if (leaf == 0x40000010)
		regs->eax = said.hypervisor_khz;
}

static struct ep_cpuid cpuid = { .execute = answer };
static struct ep_host host = { .cpuid = &cpuid, .in_vm = true };

static struct ep_tsc identify(void)
{
	struct fake fake = fake_of(2600);
	struct ep_tsc tsc;

	ep_tsc_identify(&tsc, &host, &fake.clock);
	about(tsc.calibrated_khz, 2600000, 1e-5);
	return tsc;
}

static void test_calibrated(void **state)
{
	struct ep_tsc tsc = identify();

	assert_int_equal(tsc.source, EP_TSC_CALIBRATED);
	assert_true(tsc.khz == tsc.calibrated_khz);
	assert_false(ep_tsc_doubtful(&tsc));
	about(ep_tsc_ns(&tsc, 2600), 1000, 1e-5);
}

static void test_hypervisor(void **state)
{
	struct ep_tsc tsc;

	said.hypervisor_highest = 0x40000010;
	said.hypervisor_khz = 2500000;
	tsc = identify();
	assert_int_equal(tsc.source, EP_TSC_HYPERVISOR);
	assert_int_equal(tsc.khz, 2500000);
	assert_true(ep_tsc_doubtful(&tsc));
	/* The leaves end before it; what answers is no hypervisor; there is none. */
	said.hypervisor_highest = 0x4000000f;
	assert_int_equal(identify().source, EP_TSC_CALIBRATED);
	said.hypervisor_highest = 0x80000000;
	assert_int_equal(identify().source, EP_TSC_CALIBRATED);
	said.hypervisor_highest = 0x40000010;
	host.in_vm = false;
	assert_int_equal(identify().source, EP_TSC_CALIBRATED);
	host.in_vm = true;
}

static void test_crystal(void **state)
{
	struct ep_tsc tsc;

	said.highest = 0x16;
	said.crystal = (struct ep_cpuid_regs){ .eax = 2, .ebx = 216, .ecx = 24000000 };
	tsc = identify();
	assert_int_equal(tsc.source, EP_TSC_CPUID_15);
	assert_int_equal(tsc.khz, 2592000);
	assert_false(ep_tsc_doubtful(&tsc));
	/* Many CPUs do not say what crystal they have. */
	said.crystal.ecx = 0;
	assert_int_equal(identify().source, EP_TSC_HYPERVISOR);
	said.crystal.ecx = 24000000;
	said.highest = 0x14;
	assert_int_equal(identify().source, EP_TSC_HYPERVISOR);
	said.highest = 0x16;
}

static void test_discovery(void **state)
{
	host.tsc_khz = 2600001;
	assert_int_equal(identify().source, EP_TSC_CPUID_15);
	host.patched = true;
	assert_int_equal(identify().source, EP_TSC_DISCOVERY);
	assert_int_equal(identify().khz, 2600001);
}

/* @late: which of the calls an interrupt lengthens */
struct operation {
	uint64_t cost;
	uint64_t calls;
	uint64_t done;
	uint64_t late;
};

static uint64_t work(void *user, uint64_t n)
{
	struct operation *operation = user;

	operation->done += n;
	return n * operation->cost + (++operation->calls == operation->late ? 1000000 : 0);
}

static void test_double(void **state)
{
	struct operation operation = { .cost = 100 };
	uint64_t cycles;

	assert_int_equal(ep_timing_double(work, &operation, 100000, UINT64_MAX, &cycles), 1024);
	assert_int_equal(cycles, 102400);
	assert_int_equal(operation.calls, 13);
	/* An interrupt makes no operation expensive. */
	for (uint64_t late = 1; late <= 13; late++) {
		operation = (struct operation){ .cost = 100, .late = late };
		assert_int_equal(ep_timing_double(work, &operation, 100000, UINT64_MAX, &cycles),
				 1024);
		assert_int_equal(cycles, 102400);
	}
	/* One is enough. */
	operation = (struct operation){ .cost = 1000000 };
	assert_int_equal(ep_timing_double(work, &operation, 100000, UINT64_MAX, &cycles), 1);
	assert_int_equal(cycles, 1000000);
	assert_int_equal(operation.done, 3);
}

/* What takes no time does not take for ever, and there may be few of them. */
static void test_double_limit(void **state)
{
	uint64_t cycles;

	for (uint64_t max = 1; max < 2000; max++) {
		for (uint64_t cost = 0; cost < 60000; cost = 3 * cost + 100) {
			struct operation operation = { .cost = cost };
			uint64_t n = ep_timing_double(work, &operation, 100000, max, &cycles);

			assert_in_range(operation.done, n, max);
			assert_int_equal(cycles, n * cost);
		}
	}
}

static void test_batch(void **state)
{
	uint64_t batch;

	/* The clock is a tenth of it at most. */
	assert_int_equal(ep_timing_batch(9000, 50), 1);
	assert_int_equal(ep_timing_batch(500, 50), 1);
	batch = ep_timing_batch(499, 50);
	assert_int_equal(batch, 16);
	batch = ep_timing_batch(20, 50);
	assert_true(batch * 20 >= 100 * 50 && batch / 2 * 20 < 100 * 50);
	assert_int_equal(ep_timing_batch(0, 50), 4096);
	assert_int_equal(ep_timing_batch(0, 0), 1);
}

static void test_percentiles(void **state)
{
	uint64_t samples[1000], one = 42;

	for (int i = 0; i < 1000; i++)
		samples[i] = (i * 7 + 3) % 1000 + 1;
	ep_timing_sort(samples, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(samples[i], i + 1);
	assert_int_equal(ep_timing_percentile(samples, 1000, 50), 500);
	assert_int_equal(ep_timing_percentile(samples, 1000, 99), 990);
	assert_int_equal(ep_timing_percentile(samples, 1000, 99.9), 999);
	assert_int_equal(ep_timing_percentile(samples, 1000, 100), 1000);
	assert_int_equal(ep_timing_percentile(samples, 1000, 0), 1);
	/* At least so many: of three, the second is half of them or more. */
	assert_int_equal(ep_timing_percentile(samples, 3, 50), 2);
	assert_int_equal(ep_timing_percentile(samples, 3, 99), 3);
	assert_int_equal(ep_timing_percentile(samples, 2, 50), 1);
	assert_int_equal(ep_timing_percentile(&one, 1, 50), 42);
	assert_int_equal(ep_timing_percentile(&one, 1, 99), 42);
	assert_int_equal(ep_timing_percentile(NULL, 0, 50), 0);

	assert_int_equal(ep_timing_above(samples, 1000, 990), 10);
	assert_int_equal(ep_timing_above(samples, 1000, 1000), 0);
	assert_int_equal(ep_timing_above(samples, 1000, 0), 1000);
	assert_int_equal(ep_timing_above(NULL, 0, 0), 0);
}

static void test_large_samples(void **state)
{
	uint64_t samples[] = { UINT64_MAX, 1, UINT64_C(1) << 63, 0 };

	ep_timing_sort(samples, ARRAY_SIZE(samples));
	assert_int_equal(samples[0], 0);
	assert_int_equal(samples[2], UINT64_C(1) << 63);
	assert_true(samples[3] == UINT64_MAX);
}

static void test_real_clock(void **state)
{
	struct ep_tsc_clock clock;
	uint64_t first = ep_timing_tsc();

	ep_tsc_clock_init(&clock);
	assert_true(clock.tsc(&clock) >= first);
	assert_true(ep_tsc_calibrate(&clock, 1000000) > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calibrate),     cmocka_unit_test(test_stopped_clock),
		cmocka_unit_test(test_calibrated),    cmocka_unit_test(test_hypervisor),
		cmocka_unit_test(test_crystal),	      cmocka_unit_test(test_discovery),
		cmocka_unit_test(test_double),	      cmocka_unit_test(test_double_limit),
		cmocka_unit_test(test_batch),	      cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_large_samples), cmocka_unit_test(test_real_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
