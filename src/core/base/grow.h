/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grow.h - arrays that grow by doubling */
#ifndef EP_CORE_BASE_GROW_H
#define EP_CORE_BASE_GROW_H

#include <errno.h>
#include <stdlib.h>

/*
 * Makes room in the array *@list, of @count elements of @size bytes, for one more; NULL is an
 * array of none. Call it for each element. *@list stays the caller's, also after an
 * error. Returns 0 or -ENOMEM.
 *
 *	err = ep_grow((void **)&list, count, sizeof(*list));
 *	if (!err)
 *		list[count++] = element;
 */
static inline int ep_grow(void **list, size_t count, size_t size)
{
	void *larger;

	if (count & (count - 1))
		return 0;
	larger = reallocarray(*list, count ? count * 2 : 1, size);
	if (!larger)
		return -ENOMEM;
	*list = larger;
	return 0;
}

#endif /* EP_CORE_BASE_GROW_H */
