#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Reports as people see them: in Chromium, as wide as a desk and as narrow as a telephone, light
# and dark, printed; and the PDF of WeasyPrint.
#
#	browser.sh DATA-FOLDER
. "$(dirname "$0")/../lib.sh"
export LC_ALL=C.UTF-8
data=$1
need chromium weasyprint pdftotext gnuplot
cd "$tmp"
export HOME=$tmp

# browse OPTION... FILE: what the page came to; its messages are in $tmp/said. That Chromium itself
# does not come up, where there is hardly any time or memory, says nothing of the page.
browse() {
	local file=$tmp/${*: -1} try
	for try in 1 2 3; do
		! timeout -k 5 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
			--user-data-dir="$tmp/profile" --enable-logging=stderr --v=0 --virtual-time-budget=5000 \
			"${@:1:$#-1}" "file://$file" 2>said || break
		((try < 3)) || die "chromium: $(tail -n 5 said)"
		rm -rf "$tmp/profile" || true
	done
	! grep ':CONSOLE' said || die "$file complains"
}

report() { "$EXITPROF" report "$@" 2>err || die "report $*: $(<err)"; }

# A result whose every name wants to be markup.
EXITPROF_TEST_HOST=svm-full "$EXITPROF" exec -n 2 --no-plot -o evil -- \
	true '</title><script>document.title="owned"</script><img src=x onerror=document.owned=1>' 2>/dev/null
sed -i 's/,hlt,/,"<b onclick=x>&amp;""|`x_y",/' evil/{exits,summary,histogram}.csv
cp -r "$data/io-heavy" "$data/boot" .
report io-heavy -o run.html
report --course boot io-heavy evil --title '"><script>x</script>' -o course.html
for page in run course; do
	[[ $(grep -c '<svg role="img"' $page.html) -ge 6 ]] || die "$page: too few charts"
done

# What is asked of a page, by a script that the reports themselves would not let in. Each page is
# in a frame of that width, as Chromium's own windows cannot be so narrow.
cat >probe.js <<'END'
function luminance(color) {
	const [r, g, b] = color.match(/\d+(\.\d+)?/g).slice(0, 3).map(c => {
		c /= 255;
		return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function background(element) {
	for (; element; element = element.parentElement) {
		const color = getComputedStyle(element).backgroundColor;
		if (!/, 0\)$|transparent/.test(color))
			return color;
	}
	return 'rgb(255, 255, 255)';
}
const all = [...document.body.querySelectorAll('*')].filter(e => e.tagName != 'SCRIPT');
const texts = all.filter(e => !e.closest('svg') &&
	[...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()));
const contrast = texts.map(e => {
	const [x, y] = [getComputedStyle(e).color, background(e)].map(luminance);
	return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
});
const outside = all.filter(e => !e.closest('.scroll, pre') &&
	e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5);
parent.postMessage([
	'wide=' + (document.documentElement.scrollWidth > document.documentElement.clientWidth),
	'outside=' + outside.map(e => e.tagName + '.' + e.className).join(),
	'contrast=' + (Math.min(...contrast) >= 4.5),
	'dark=' + (luminance(background(document.body)) < 0.1),
	'small=' + texts.filter(e => parseFloat(getComputedStyle(e).fontSize) < 11).length,
	'markup=' + (document.scripts.length - 1 + document.images.length +
		document.querySelectorAll('[onclick],[onerror]').length),
	'blank=' + document.querySelectorAll('.blank .room').length,
].join(' '), '*');
END
for page in run course; do
	{
		grep -v 'Content-Security-Policy' $page.html | sed '/<\/body>/,$d'
		echo "<script>$(<probe.js)</script></body></html>"
	} >$page-probe.html
	for width in 390 1200; do
		cat >$page-$width.html <<-END
			<!DOCTYPE html><title>frame</title><p id=p></p>
			<script>onmessage = e => p.textContent = e.data</script>
			<iframe src="$page-probe.html" style="width:${width}px;height:900px;border:0"></iframe>
		END
	done
done
# look PAGE WIDTH SCHEME DARK BLANKS: as a reader who prefers that
look() {
	local seen try
	# A frame that is busy longer than the page is waited for has not answered yet.
	for try in 1 2 3; do
		browse --window-size=1300,1000 --blink-settings="preferredColorScheme=$3" --dump-dom \
			"$1-$2.html" >dom
		seen=$(sed -n 's/.*<p id="p">\([^<]*\).*/\1/p' dom)
		[ -z "$seen" ] || break
	done
	[ "$seen" = "wide=false outside= contrast=true dark=$4 small=0 markup=0 blank=$5" ] ||
		die "$1 at $2 pixels, dark $4: $seen"
}
blanks=$(grep -c 'class="room"' course.html)
[ "$blanks" -ge 5 ] || die "only $blanks places to write at"
look run 390 1 false 0
look run 1200 0 true 0
look course 390 0 true "$blanks"
look course 1200 1 false "$blanks"

# The page itself, with its policy: quiet, and it prints.
browse --print-to-pdf="$tmp/printed.pdf" --no-pdf-header-footer course.html
browse --screenshot="$tmp/screen.png" --window-size=1200,2000 run.html
[ "$(stat -c %s screen.png)" -gt 50000 ] || die "an empty picture"
report io-heavy -o run.pdf
report --course boot io-heavy evil -o course.pdf
for file in printed run course; do
	pdftotext -layout $file.pdf
	tr -s ' ' <$file.txt >text
	pages=$(pdfinfo $file.pdf | sed -n 's/^Pages: *//p')
	((pages >= 3 && pages <= 16)) || die "$file.pdf has $pages pages"
	# The table, and the text of a chart: neither is a picture.
	grep -q '^ *npf [0-9,]* [0-9.]*% ' text || die "$file.pdf has no table"
	grep -q 'VM exits by reason' text || die "$file.pdf has no chart"
done
grep -q 'To be written by you' course.txt || die "nothing to write"
