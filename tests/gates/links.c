// SPDX-License-Identifier: GPL-3.0-or-later
/* A folder of src/, all of it, linked with nothing but the folders below: see meson.build. */
int main(void)
{
	return 0;
}
