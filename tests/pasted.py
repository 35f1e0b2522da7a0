# ruff: noqa: E501
"""What word processors, mail programs and web pages put on the clipboard, and how it must be stored."""

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><link rel=File-List href="file:///C:/tmp/clip_filelist.xml">
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style><!-- p.MsoNormal {mso-style-parent:""; margin:0cm; font-size:11.0pt;} --></style></head>
<body lang=NL-BE style='tab-interval:35.4pt'><!--StartFragment-->
<h1><span style='mso-fareast-language:NL'>Aangifte doen<o:p></o:p></span></h1>
<p class=MsoNormal><b style='mso-bidi-font-weight:normal'>Breng mee</b><span style='color:#1F497D'>&nbsp;als u komt:</span><o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol;mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>uw
identiteitskaart<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol;mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>de <i>factuur</i><o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l1 level1 lfo2'><![if !supportLists]><span
style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Bel<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'><![if !supportLists]><span
style='mso-list:Ignore'>2.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Kom langs<o:p></o:p></p>
<!--EndFragment--></body></html>"""

WORD_TABLE = """<html><body><!--StartFragment--><table class=MsoTableGrid border=1 cellspacing=0 style='border-collapse:collapse'>
 <tr style='mso-yfti-irow:0'><td width=200 valign=top style='width:150pt;border:solid windowtext 1.0pt'>
  <p class=MsoNormal><b>Dag</b><o:p></o:p></p></td><td width=200 valign=top><p class=MsoNormal><b>Uur</b><o:p></o:p></p></td></tr>
 <tr><td><p class=MsoNormal>maandag<o:p></o:p></p></td><td><p class=MsoNormal>9.00 tot 12.00<o:p></o:p></p></td></tr>
</table><!--EndFragment--></body></html>"""

OUTLOOK = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>
<div class="WordSection1"><p class="MsoNormal">Dag,<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoNormal">Zie <a href="https://stad.gent/nl" title="x" target="_blank"><span lang="NL">de stad</span></a>.<img
width="1" height="1" src="cid:image001.png@01D9"><o:p></o:p></p>
<blockquote style="border:none;border-left:solid #CCCCCC 1.0pt"><p class="MsoNormal">Geciteerd<o:p></o:p></p></blockquote></div>
</body></html>"""

GOOGLE = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-3a1"><h2 dir="ltr" style="line-height:1.38"><span
style="font-size:16pt;font-weight:400">Vragen</span></h2><p dir="ltr"><span style="font-weight:700">Vet</span><span
style="font-weight:400"> en </span><span style="font-style:italic">schuin</span></p><ul style="margin-top:0"><li dir="ltr"
aria-level="1"><p dir="ltr" role="presentation"><span style="font-weight:400">een</span></p></li><li dir="ltr"><p dir="ltr"
role="presentation"><span>twee</span></p></li></ul></b><br class="Apple-interchange-newline">"""

LIBRE = """<!DOCTYPE html><html><head><meta name="generator" content="LibreOffice 24.2 (Linux)"/><style type="text/css">
p { margin-bottom: 0.25cm }</style></head><body lang="nl-BE" dir="ltr"><p style="margin-bottom: 0cm"><font
face="Liberation Serif, serif"><font size="3">Gewone <u>tekst</u></font></font></p><ol><li><p>een</p></li></ol></body></html>"""

WEB = """<div class="card" onclick="steal()"><h5 id="x">Nieuws</h5><div>Eerste <strong>zin</strong></div><div>Tweede
<a href="javascript:alert(1)">knop</a> en <a href="/relatief">pad</a></div><script>window.ran = 1</script>
<iframe src="https://x.example"></iframe><img src=x onerror="window.ran = 1"></div>"""

# What is pasted, and what is stored after saving.
PASTED = {
    "word": (
        WORD,
        "<h3>Aangifte doen</h3><p><strong>Breng mee</strong>&nbsp;als u komt:</p>"
        "<ul><li>uw identiteitskaart</li><li>de <em>factuur</em></li></ul><ol><li>Bel</li><li>Kom langs</li></ol>",
    ),
    "word table": (
        WORD_TABLE,
        "<table><tbody><tr><td><strong>Dag</strong></td><td><strong>Uur</strong></td></tr>"
        "<tr><td>maandag</td><td>9.00 tot 12.00</td></tr></tbody></table>",
    ),
    "outlook": (
        OUTLOOK,
        '<p>Dag,</p><p>Zie <a href="https://stad.gent/nl">de stad</a>.</p><blockquote><p>Geciteerd</p></blockquote>',
    ),
    "google docs": (
        GOOGLE,
        "<h3>Vragen</h3><p><strong>Vet</strong> en <em>schuin</em></p><ul><li>een</li><li>twee</li></ul>",
    ),
    "libreoffice": (LIBRE, "<p>Gewone tekst</p><ol><li>een</li></ol>"),
    "web": (
        WEB,
        '<h4>Nieuws</h4><p>Eerste <strong>zin</strong></p><p>Tweede knop en <a href="/relatief">pad</a></p>',
    ),
}
