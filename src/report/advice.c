// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "core/base/cleanup.h"
#include "report/advice.h"

/* clang-format off */
const struct ep_advice ep_advice_list[] = {
	{
		{ "CPUID", "cpuid" },
		"CPUID leaves the guest each time: on Intel always, on AMD because KVM asks for it. "
		"Programs execute it when they start, to learn what the processor can do.",
		"Find who repeats it: with --details a run tells which leaf. A program should ask once "
		"and keep the answer; where CPUID was meant to order instructions, LFENCE does not exit.",
		"Instructions That Cause VM Exits Unconditionally", "Instruction Intercepts",
		"arch/x86/kvm/cpuid.c",
	},
	{
		{ "HLT", "hlt" },
		"The guest had nothing to do. The cycles away from the guest are mostly sleep, and no loss.",
		"Only how often it wakes up matters: fewer timers and larger batches of work. The guest's "
		"haltpoll governor waits before it halts, which saves the exit; the host's halt_poll_ns "
		"waits after the exit, which saves only latency; both cost CPU time. On CPUs of its own a "
		"guest may be allowed to halt without an exit.",
		"Instructions That Cause VM Exits Conditionally", "Instruction Intercepts",
		"Documentation/virt/kvm/halt-polling.rst",
	},
	{
		{ "IO_INSTRUCTION", "io" },
		"A port was read or written: an emulated device, such as the serial console, the PIT, "
		"the CMOS clock, an IDE disk or PCI configuration. If user space emulates it, that is "
		"in the away cycles, not in the handling cycles.",
		"Use virtio devices in place of emulated ones, print less on a serial console, and leave "
		"out what is not needed; with --details a run tells which port it is.",
		"Instructions That Cause VM Exits Conditionally", "IOIO Intercepts",
		"Documentation/virt/kvm/api.rst",
	},
	{
		{ "npf" },
		"Nested page faults, which are two things under one reason: memory that the host has not "
		"mapped yet, or wants to see written; and addresses without memory, which are device "
		"registers (MMIO), such as the doorbell of a virtio queue.",
		"For memory: huge pages on the host, one fault for 2 MiB in place of 4 KiB; memory allocated "
		"before the guest starts faults as often, but each time for less. For devices: fewer and "
		"larger requests and deeper queues; doorbells that the host's kernel answers (ioeventfd, "
		"vhost) make each cheaper. With --details a run tells the addresses.",
		NULL, "Nested Paging",
		"Documentation/virt/kvm/x86/mmu.rst",
	},
	{
		{ "EPT_VIOLATION" },
		"Memory that the host has not mapped yet, or not with that right: first touches, pages "
		"given back by a balloon or swapped out, dirty logging during a migration.",
		"Huge pages on the host, one violation for 2 MiB in place of 4 KiB. Memory allocated before "
		"the guest starts faults as often, but each time for less.",
		"EPT Violations", NULL,
		"Documentation/virt/kvm/x86/mmu.rst",
	},
	{
		{ "EPT_MISCONFIG" },
		"Device registers (MMIO): KVM marks such pages by an entry that cannot be right, so that it "
		"knows at once. Often the doorbell of a virtio queue, or an emulated timer (HPET).",
		"Fewer and larger requests, deeper queues, no HPET; doorbells that the host's kernel answers "
		"(ioeventfd, vhost) make each cheaper. With --details a run tells the addresses.",
		"EPT Misconfigurations", NULL,
		"Documentation/virt/kvm/x86/mmu.rst",
	},
	{
		{ "MSR_WRITE", "msr" },
		"Mostly the guest's timer (each deadline is one write of TSC_DEADLINE, 0x6e0, or of the APIC's "
		"count, 0x838), the end of each interrupt (EOI of the x2APIC, 0x80b) and interrupts between its "
		"CPUs (ICR, 0x830). On AMD reads count here, too: Linux reads the x2APIC's TMR (0x818 to 0x81f) "
		"for each level-triggered interrupt.",
		"Fewer timers: no tick on busy CPUs (nohz_full), coarser timeouts. Fewer interrupts: larger "
		"batches, coalescing; MSI in place of level-triggered interrupts. APICv (Intel) and AVIC (AMD) "
		"take an EOI without the host, and paravirtual EOI leaves out most; with IPI virtualization "
		"(Intel) or AVIC the guest's CPUs interrupt each other without the host. With --details a run "
		"shows which MSR it is.",
		"MSR-Bitmap Address", "MSR Intercepts",
		"Documentation/timers/no_hz.rst",
	},
	{
		{ "MSR_READ" },
		"A model-specific register that the host keeps to itself, such as power or performance "
		"counters; or the x2APIC's TMR (0x818 to 0x81f), which Linux reads for each level-triggered "
		"interrupt.",
		"With --details a run shows which MSR it is, and so which driver or tool reads it. MSI in place "
		"of level-triggered interrupts.",
		"MSR-Bitmap Address", NULL,
		"arch/x86/kvm/x86.c",
	},
	{
		{ "EXTERNAL_INTERRUPT", "interrupt", "nmi", "smi" },
		"An interrupt for the host arrived while the guest ran: its timer, a device, another CPU. "
		"The guest has not caused it, and a slow host has more of them in the same work.",
		"Keep the host's interrupts off the CPUs that run guests (affinity, isolation, nohz_full); "
		"for devices passed through, posted interrupts on Intel and AVIC on AMD.",
		"Other Causes of VM Exits", "Interrupt Intercepts",
		"Documentation/core-api/irq/irq-affinity.rst",
	},
	{
		{ "INTERRUPT_WINDOW", "vintr" },
		"KVM had an interrupt for the guest while the guest had interrupts off, and asked to be told "
		"when it can take it.",
		"Fewer interrupts (larger batches, coalescing); APICv on Intel and AVIC on AMD deliver them "
		"without this exit.",
		"Other Causes of VM Exits", "Virtual Interrupt Intercept",
		NULL,
	},
	{
		{ "NMI_WINDOW", "iret" },
		"KVM had a non-maskable interrupt for the guest while the guest handled another, and asked to "
		"be told when it is done.",
		"Fewer of them: in the guest they come from perf's hardware events and the watchdog.",
		"Other Causes of VM Exits", "Instruction Intercepts",
		NULL,
	},
	{
		{ "PAUSE_INSTRUCTION", "pause" },
		"A CPU of the guest spun on a lock for so long that the processor stepped in: probably the "
		"lock's holder was not running.",
		"Fewer vCPUs than CPUs, or vCPUs pinned to CPUs of their own; paravirtual spinlocks, which "
		"sleep. Where every vCPU has its CPU, the host may leave it out (ple_gap=0, "
		"pause_filter_count=0).",
		"Instructions That Cause VM Exits Conditionally", "Pause Intercept Filtering",
		"Documentation/virt/kvm/x86/cpuid.rst",
	},
	{
		{ "CR_ACCESS", "read_cr0", "read_cr3", "read_cr4", "write_cr0", "write_cr3", "write_cr4",
		  "cr0_sel_write" },
		"A control register was read or written. With shadow paging each switch of address space is "
		"one (CR3); with nested paging only rare changes of mode are left, as while booting.",
		"Nested paging (ept=1 on Intel, npt=1 on AMD).",
		"Instructions That Cause VM Exits Conditionally", "Instruction Intercepts",
		"Documentation/virt/kvm/x86/mmu.rst",
	},
	{
		{ "TPR_BELOW_THRESHOLD", "read_cr8", "write_cr8" },
		"The guest changed its task priority, as Windows does, while an interrupt waited.",
		"APIC virtualization in the host's processor (APICv, AVIC).",
		"Virtualizing CR8-Based TPR Accesses", "Virtualizing APIC.TPR",
		NULL,
	},
	{
		{ "DR_ACCESS", "read_dr0", "read_dr6", "read_dr7", "write_dr0", "write_dr1", "write_dr2",
		  "write_dr3", "write_dr6", "write_dr7" },
		"A debug register was used: a debugger, or hardware breakpoints (perf) in the guest; the "
		"kernel clears them as each CPU comes up.",
		"Nothing, unless something in the guest sets breakpoints all the time.",
		"Instructions That Cause VM Exits Conditionally", "Instruction Intercepts",
		NULL,
	},
	{
		{ "EXCEPTION_NMI" },
		"An exception that KVM wants to see, or a non-maskable interrupt of the host. With shadow "
		"paging these are the guest's page faults, which the host uses to keep its own tables.",
		"Nested paging (ept=1). With it, what is left is rare: NMIs of the host's profiler or "
		"watchdog, debugging, instructions to be emulated.",
		"Exception Bitmap", NULL,
		"Documentation/virt/kvm/x86/mmu.rst",
	},
	{
		{ "PF excp" },
		"A page fault of the guest under shadow paging: the host must look whether it is the guest's "
		"own, or one of the tables that the host keeps for it.",
		"Nested paging (npt=1).",
		NULL, "Exception Intercepts",
		"Documentation/virt/kvm/x86/mmu.rst",
	},
	{
		{ "DB excp", "BP excp", "UD excp", "GP excp", "AC excp", "MC excp" },
		"An exception that KVM wants to see: debugging, an instruction to be emulated, a machine check.",
		"Look in the guest for who raises it: a debugger, or code for another processor.",
		NULL, "Exception Intercepts",
		NULL,
	},
	{
		{ "INVLPG", "INVPCID", "invlpg", "invpcid" },
		"The guest dropped translations of pages. Only with shadow paging is that the host's "
		"business.",
		"Nested paging (ept=1 on Intel, npt=1 on AMD); huge pages in the guest.",
		"Instructions That Cause VM Exits Conditionally", "Instruction Intercepts",
		"Documentation/virt/kvm/x86/mmu.rst",
	},
	{
		{ "PREEMPTION_TIMER" },
		"The guest's timer was due: KVM counts it down by the processor's own timer for guests, "
		"which is cheaper than an interrupt.",
		"Fewer timers in the guest: no tick on busy CPUs (nohz_full), coarser timeouts.",
		"VMX-Preemption Timer", NULL,
		"Documentation/timers/no_hz.rst",
	},
	{
		{ "APIC_ACCESS", "APIC_WRITE", "EOI_INDUCED", "avic_incomplete_ipi",
		  "avic_unaccelerated_access" },
		"The guest used its interrupt controller in a way that the processor does not do by itself: "
		"an interrupt to another CPU, or the end of one that the host wants to know of.",
		"x2APIC in the guest, APICv or AVIC switched on in the host, and fewer interrupts between "
		"the guest's CPUs.",
		"APIC Virtualization and Virtual Interrupts", "Advanced Virtual Interrupt Controller",
		NULL,
	},
	{
		{ "VMCALL", "hypercall" },
		"The guest asked its host for something: to wake another CPU, to send interrupts to many at "
		"once, to yield.",
		"They mostly replace more exits than they are. With --details a run tells which call it is.",
		"Instructions That Cause VM Exits Unconditionally", "VMMCALL Instruction",
		"Documentation/virt/kvm/x86/hypercalls.rst",
	},
	{
		{ "WBINVD", "INVD", "wbinvd", "invd" },
		"The guest wrote back or dropped its caches, as graphics drivers and changes of memory types do.",
		"Without a device passed through, KVM has little to do for it; with one, look at its driver.",
		"Instructions That Cause VM Exits", "Instruction Intercepts",
		NULL,
	},
	{
		{ "XSETBV", "xsetbv" },
		"Extended processor state was switched on or off: once for each CPU that comes up.",
		"Nothing: it is rare.",
		"Instructions That Cause VM Exits Unconditionally", "Instruction Intercepts",
		NULL,
	},
	{
		{ "RDTSC", "RDTSCP", "rdtsc", "rdtscp", "UMWAIT", "TPAUSE" },
		"The time-stamp counter was read or waited for. KVM lets a guest do that by itself: a "
		"hypervisor in the guest has asked to see it in a guest of its own, or a program on AMD "
		"executed RDTSCP though this VM does not offer it.",
		"Look at the inner hypervisor's settings; offer RDTSCP by the VM's CPU model.",
		"Instructions That Cause VM Exits Conditionally", "Instruction Intercepts",
		"Documentation/virt/kvm/x86/timekeeping.rst",
	},
	{
		{ "RDPMC", "rdpmc" },
		"The guest read a performance counter, which KVM emulates.",
		"Profile less often, or by time in place of hardware events.",
		"Instructions That Cause VM Exits Conditionally", "Instruction Intercepts",
		NULL,
	},
	{
		{ "RDRAND", "RDSEED" },
		"The guest executed a random-number instruction that this VM does not offer: KVM answers with "
		"an exception.",
		"Offer it by the VM's CPU model, or find the program that does not ask CPUID first.",
		"Instructions That Cause VM Exits Conditionally", NULL,
		"arch/x86/kvm/vmx/vmx.c",
	},
	{
		{ "VMCLEAR", "VMLAUNCH", "VMPTRLD", "VMPTRST", "VMREAD", "VMRESUME", "VMWRITE", "VMOFF",
		  "VMON", "INVEPT", "INVVPID" },
		"The guest runs a hypervisor itself: its VMX instructions are emulated, and each exit of the "
		"inner guest costs many of them.",
		"VMCS shadowing takes most VMREAD and VMWRITE off the list; better still, fewer exits of the "
		"inner guest.",
		"Instructions That Cause VM Exits", NULL,
		"Documentation/virt/kvm/x86/running-nested-guests.rst",
	},
	{
		{ "vmrun", "vmload", "vmsave", "stgi", "clgi", "invlpga", "skinit" },
		"The guest runs a hypervisor itself: its SVM instructions are emulated, and each exit of the "
		"inner guest costs several of them.",
		"Virtual VMLOAD/VMSAVE and virtual GIF in the host's processor; better still, fewer exits of "
		"the inner guest.",
		NULL, "Nested Virtualization",
		"Documentation/virt/kvm/x86/running-nested-guests.rst",
	},
	{
		{ "PML_FULL" },
		"The log of pages that the guest has written was full: dirty logging, as during a migration.",
		"It ends with the migration; a guest that writes less has fewer.",
		"Page-Modification Logging", NULL,
		"Documentation/virt/kvm/api.rst",
	},
	{
		{ "BUS_LOCK", "buslock" },
		"A locked access crossed two cache lines, or was to uncached memory, and held up the memory "
		"accesses of every CPU. The VMM has asked to see such accesses.",
		"Find the program and align its data; where the VM offers bus-lock detection, the guest's "
		"kernel log names it (split_lock_detect).",
		"Other Causes of VM Exits", "Bus Lock Threshold",
		"Documentation/virt/kvm/api.rst",
	},
	{
		{ "MWAIT_INSTRUCTION", "MONITOR_INSTRUCTION", "monitor", "mwait" },
		"The guest waited by MWAIT, which the host does not leave to it: KVM goes on at once, so that "
		"the guest waits in a loop of exits.",
		"Halt instead (idle=halt), or let a guest with CPUs of its own use MWAIT without exits.",
		"Instructions That Cause VM Exits Conditionally", "Instruction Intercepts",
		"Documentation/virt/kvm/api.rst",
	},
	{
		{ "GDTR_IDTR", "LDTR_TR", "read_idtr", "read_gdtr", "read_ldtr", "read_rt", "write_idtr",
		  "write_gdtr", "write_ldtr", "write_rt" },
		"Descriptor-table registers were used; on Intel, KVM watches them to emulate a protection that "
		"the processor lacks (UMIP).",
		"Nothing, unless a program executes SGDT or SIDT in a loop.",
		"Instructions That Cause VM Exits Conditionally", "Instruction Intercepts",
		"arch/x86/kvm/vmx/vmx.c",
	},
	{
		{ "TRIPLE_FAULT", "shutdown" },
		"The guest reset itself, as some kernels do to reboot, or has crashed for good.",
		"If it was no reboot, look at the guest's last messages.",
		"Other Causes of VM Exits", "Shutdown Intercept",
		NULL,
	},
	{
		{ "INIT_SIGNAL", "SIPI_SIGNAL", "init" },
		"A signal to reset or start a CPU came for the host's CPU while a guest ran. A guest that starts "
		"CPUs of its own does not cause it: KVM emulates that.",
		"Nothing: KVM does not expect it, and the VM stops.",
		"Other Causes of VM Exits", "INIT Intercept",
		NULL,
	},
	{
		{ "TASK_SWITCH", "task_switch" },
		"A hardware task switch, which the host must do by itself.",
		"No system of today uses it but for double faults.",
		"Treatment of Task Switches", "Task Switch Intercept",
		NULL,
	},
	{
		{ "MONITOR_TRAP_FLAG" },
		"A guest's guest was stepped through single instructions, as its hypervisor had asked; KVM does "
		"not do so by itself.",
		"Detach the debugger from the inner guest.",
		"Monitor Trap Flag", NULL,
		"arch/x86/kvm/vmx/nested.c",
	},
	{
		{ "NOTIFY" },
		"The guest let no event through for longer than the host allows.",
		"Look in the guest for code that runs with interrupts blocked, or raise the host's notify window.",
		"Other Causes of VM Exits", NULL,
		"Documentation/virt/kvm/api.rst",
	},
	{
		{ "vmgexit" },
		"An encrypted guest asked its host to do what it may not see: device accesses, CPUID, MSRs.",
		"As for what it asks: virtio with few and large requests, few timers.",
		NULL, "Encrypted State (SEV-ES)",
		"arch/x86/kvm/svm/sev.c",
	},
};
/* clang-format on */

const size_t ep_advice_count = ARRAY_SIZE(ep_advice_list);

const struct ep_advice *ep_advice_find(const char *name)
{
	for (size_t i = 0; i < ep_advice_count; i++)
		for (size_t j = 0; j < EP_ADVICE_NAMES_MAX && ep_advice_list[i].names[j]; j++)
			if (!strcmp(ep_advice_list[i].names[j], name))
				return &ep_advice_list[i];
	return NULL;
}
