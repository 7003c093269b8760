# SPDX-License-Identifier: GPL-3.0-or-later
# A colour belongs to a reason, in every chart, and to what is the same on SVM and VMX.
#
#	reason_colour("npf")		0x0072b2, for "linecolor rgb variable"
#	reason_colour_text("npf")	"#0072b2", for "linecolor rgb"
#
# Those that come together most are Okabe and Ito's colours and some that keep apart
# from them for colour-blind readers, too.

# Nested page faults and what a guest touches of devices by them
reason_colours = " |npf|EPT_VIOLATION|=0072b2 |EPT_MISCONFIG|=56b4e9".\
	" |msr|MSR_WRITE|=e69f00 |MSR_READ|=fabf8f".\
	" |io|IO_INSTRUCTION|=009e73".\
	" |interrupt|EXTERNAL_INTERRUPT|=d55e00 |vintr|INTERRUPT_WINDOW|=cc79a7".\
	" |hlt|HLT|idle-halt|mwait|MWAIT_INSTRUCTION|=4d4d4d".\
	" |cpuid|CPUID|=332288 |hypercall|VMCALL|vmgexit|=aa4499".\
	" |PREEMPTION_TIMER|=5c3a12 |PF excp|EXCEPTION_NMI|=a01f5c".\
	" |pause|PAUSE_INSTRUCTION|=b5a642 |invlpg|INVLPG|invpcid|INVPCID|=44aa99".\
	" |write_cr0|write_cr3|write_cr4|cr0_sel_write|CR_ACCESS|=88a0d0".\
	" |avic_incomplete_ipi|APIC_WRITE|=117733 |avic_unaccelerated_access|APIC_ACCESS|=7fb77e".\
	" |EOI_INDUCED|TPR_BELOW_THRESHOLD|write_cr8|=999933".\
	" |rdtsc|RDTSC|rdtscp|RDTSCP|=f0e442 |wbinvd|WBINVD|=c2a5cf"
# Those without one of their own get a muted one by their letters.
muted_colours = "8fa1b3 b39b8f 8fb39b a58fb3 b3ae8f 8f8fb3"
other_colour = 0xcfcfcf
other_colour_text = "#cfcfcf"
total_colour = 0x333333
total_colour_text = "#333333"

letters_of_names = "abcdefghijklmnopqrstuvwxyz_0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ"
sum_of_letters(s) = strlen(s) ? strlen(s) * strstrt(letters_of_names, s[1:1]) + \
	sum_of_letters(s[2:]) : 0
from_equals(s) = s[strstrt(s, "=") + 1:]
colour_at(at, name) = at ? from_equals(reason_colours[at:])[1:6] : \
	word(muted_colours, sum_of_letters(name[1:64]) % words(muted_colours) + 1)
reason_colour_text(name) = "#".colour_at(strstrt(reason_colours, "|".name."|"), name)
reason_colour(name) = int(("0x".reason_colour_text(name)[2:]) + 0)
