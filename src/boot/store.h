/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store.h - the folder in which boots are kept
 *
 * A boot is a folder in it: boot.json has all that was recorded; run.json, runs.csv and
 * exits.csv are what 'exitprof compare' reads of any result.
 */
#ifndef EP_BOOT_STORE_H
#define EP_BOOT_STORE_H

#include "core/base/error.h"
#include "core/boot/boot.h"

#define EP_BOOT_FOLDER "/var/lib/exitprof/boot"
#define EP_BOOT_FILE   "boot.json"

struct ep_boot_list {
	char **names;
	size_t count;
};

/*
 * The names of the boots in @folder, oldest first. Owned by the caller. Returns 0, also if there is
 * no such folder, or a negative errno, and *@ret is empty.
 */
int ep_boot_list(struct ep_boot_list *ret, const char *folder);
void ep_boot_list_finish(struct ep_boot_list *list);

/*
 * The newest boot in @folder, or the newest whose name begins with @name, in *@ret_path, for
 * free(); NULL if there is none. Returns 0 or a negative errno with a message.
 */
int ep_boot_find(const char *folder, const char *name, char **ret_path, struct ep_error *err);

/*
 * Reads the boot in the folder @path. Returns 0 or a negative errno with a message; to be finished
 * in any case.
 */
int ep_boot_load(struct ep_boot *boot, const char *path, struct ep_error *err);

/*
 * A VM that an earlier boot in @folder has counted in: what came before sampling began is
 * not known to be this boot's alone, and before_known becomes false.
 */
void ep_boot_recognise_reboot(struct ep_boot *boot, const char *folder);

/*
 * @is_chart: as of core/base/folder.h; *@ret_path is for free(). Returns 0 or a negative errno, and
 * there is nothing then.
 */
int ep_boot_save(const struct ep_boot *boot, const struct ep_host *host, const char *folder,
		 bool (*is_chart)(const char *name), char **ret_path, struct ep_error *err);

/*
 * Removes the oldest boots, until @keep are left; never the one at the path @saved, what is no
 * boot, or what holds files of others.
 */
void ep_boot_prune(const char *folder, uint64_t keep, const char *saved,
		   bool (*is_chart)(const char *name));

#endif /* EP_BOOT_STORE_H */
