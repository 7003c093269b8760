// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters of a VM and of its vCPUs, for the host's operator: files "exitprof"
 * in KVM's directories in debugfs.
 *
 * See Documentation/virt/kvm/x86/exitprof.rst for their layout.
 */
#include <linux/debugfs.h>
#include <linux/kvm_host.h>
#include <linux/seq_file.h>

#include "exitprof.h"

static void add_classic(struct kvm_exitprof_counts *counts, const struct kvm_vcpu *vcpu)
{
	const struct kvm_exitprof_row *rows = kvm_exitprof_rows(vcpu);
	int i;

	if (!rows)
		return;
	for (i = KVM_EXITPROF_ROW_OTHER; i < kvm_exitprof_reasons.nr_rows; i++) {
		counts[i].exits += local64_read(&rows[i].exits);
		counts[i].cycles += local64_read(&rows[i].cycles);
	}
}

static void show_row(struct seq_file *seq, const struct kvm_exitprof_counts *row, bool full)
{
	char separator = '\t';
	int bucket;

	seq_printf(seq, "\t%llu\t%llu", row->exits, row->cycles);
	if (!full) {
		seq_puts(seq, "\t-\t-\t-\n");
		return;
	}
	seq_printf(seq, "\t%llu\t%llu", row->away, row->max);
	for (bucket = 0; bucket < KVM_EXITPROF_BUCKETS; bucket++) {
		if (!row->hist[bucket])
			continue;
		seq_printf(seq, "%c%d:%llu", separator, bucket, row->hist[bucket]);
		separator = ' ';
	}
	seq_putc(seq, '\n');
}

/* Shows @vcpu, or all vCPUs of @kvm if there is none. */
static int show(struct seq_file *seq, struct kvm *kvm, struct kvm_vcpu *vcpu)
{
	const struct kvm_exitprof_reasons *reasons = &kvm_exitprof_reasons;
	u32 level = kvm_exitprof_level(kvm);
	void (*add)(struct kvm_exitprof_counts *counts, const struct kvm_vcpu *vcpu);
	struct kvm_exitprof_counts *rows;
	unsigned long j;
	int i;

	if (level == KVM_EXITPROF_LEVEL_OFF) {
		seq_puts(seq, "# exitprof 1 off\n");
		return 0;
	}
	rows = kvcalloc(reasons->nr_rows, sizeof(*rows), GFP_KERNEL);
	if (!rows)
		return -ENOMEM;

	add = level == KVM_EXITPROF_LEVEL_FULL ? kvm_exitprof_add_rows : add_classic;
	if (vcpu) {
		add(rows, vcpu);
	} else {
		kvm_for_each_vcpu(j, vcpu, kvm)
			add(rows, vcpu);
	}

	seq_printf(seq, "# exitprof 1 %s\n",
		   reasons->vendor == KVM_EXITPROF_VENDOR_SVM ? "svm" : "vmx");
	seq_puts(seq, "reason\texits\thandling_cycles\taway_cycles\tmax_cycles\thistogram\n");
	for (i = KVM_EXITPROF_ROW_OTHER; i < reasons->nr_rows; i++) {
		if (!rows[i].exits)
			continue;
		if (i == KVM_EXITPROF_ROW_OTHER)
			seq_puts(seq, "other");
		else
			seq_printf(seq, "0x%x", kvm_exitprof_slot_to_reason(reasons->slots[i]));
		show_row(seq, &rows[i], level == KVM_EXITPROF_LEVEL_FULL);
	}
	kvfree(rows);
	return 0;
}

static int vm_show(struct seq_file *seq, void *unused)
{
	return show(seq, seq->private, NULL);
}

static int vm_open(struct inode *inode, struct file *file)
{
	struct kvm *kvm = inode->i_private;
	int r;

	if (!kvm_get_kvm_safe(kvm))
		return -ENOENT;
	r = single_open(file, vm_show, kvm);
	if (r)
		kvm_put_kvm(kvm);
	return r;
}

static int vm_release(struct inode *inode, struct file *file)
{
	struct kvm *kvm = inode->i_private;
	int r = single_release(inode, file);

	kvm_put_kvm(kvm);
	return r;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.open = vm_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = vm_release,
};

static int vcpu_show(struct seq_file *seq, void *unused)
{
	struct kvm_vcpu *vcpu = seq->private;

	return show(seq, vcpu->kvm, vcpu);
}

static int vcpu_open(struct inode *inode, struct file *file)
{
	struct kvm_vcpu *vcpu = inode->i_private;
	int r;

	if (!kvm_get_kvm_safe(vcpu->kvm))
		return -ENOENT;
	r = single_open(file, vcpu_show, vcpu);
	if (r)
		kvm_put_kvm(vcpu->kvm);
	return r;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct kvm_vcpu *vcpu = inode->i_private;
	struct kvm *kvm = vcpu->kvm;
	int r = single_release(inode, file);

	kvm_put_kvm(kvm);
	return r;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.open = vcpu_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = vcpu_release,
};

void kvm_exitprof_create_vm_debugfs(struct kvm *kvm)
{
	debugfs_create_file("exitprof", 0444, kvm->debugfs_dentry, kvm, &vm_fops);
}

void kvm_exitprof_create_vcpu_debugfs(struct kvm_vcpu *vcpu, struct dentry *dentry)
{
	debugfs_create_file("exitprof", 0444, dentry, vcpu, &vcpu_fops);
}
