"""Detection of emergencies: a question with a word of danger shows the emergency numbers first, whatever it matches.

This rule is independent of the ranking. It prefers false positives: these cost the visitor one line of the screen.
"""

from __future__ import annotations

import re

from pzgent.search.words import LEAD, counted_languages, words_of

# Words for weapons, violence, burglars, fire, cries for help and injuries, folded. Each entry is a pattern that matches
# whole words, in the order given.
_DANGER = {
    "nl": r"""
        mes messen keukenmes dolk machete bijl hakbijl zwaard pistool pistolen revolver geweer geweren wapen wapens
        vuurwapen vuurwapens steekwapen steekwapens gewapend gewapende bom bommen granaat granaten explosief
        explosieven kalasjnikov vecht vechten vechtende vechtpartij gevecht gevochten knokpartij slaat slaan geslagen
        slagen mept schopt schoppen geschopt aanval aanvallen aangevallen mishandelt mishandeld neergestoken
        neergeschoten steekpartij schiet schieten schietende schutter schot schoten geschoten schietpartij vermoord
        vermoordt vermoorden doodt wurgt gewurgd verkracht verkrachten aangerand overval overvallen overvaller
        overvallers gijzeling gegijzeld ontvoerd ontvoering bedreigt bedreigd bedreigen achtervolgt achtervolgd geweld
        terrorist terroristen aanslag steekt(?:\s\w+)*\sneer valt(?:\s\w+)*\saan word(?:t)?\sgevolgd
        gaat?(?:\s\w+)*\sdood inbreker inbrekers wordt(?:\s\w+)*\singebroken breekt(?:\s\w+)*\sin breken(?:\s\w+)*\sin
        aan\shet\sinbreken inbraak\s(?:bezig|nu|aan\sde\sgang) in\smijn\s(?:huis|woning|tuin|kamer) brand brandt vuur
        vlammen rook ontploffing ontploft explosie gaslek gasgeur schreeuwt schreeuwen schreeuwende geschreeuw gil
        gilt gillen gillende gegil krijst krijsen hulpgeroep hulpkreten om\shulp bloedt bloeden bloed bewusteloos
        bewusteloze gewond gewonde gewonden reanimatie hartaanval zelfmoord zelfdoding verdrinkt verdrinken
        levensgevaar in\sgevaar ademt\sniet
    """,
    "en": r"""
        knife knives gun guns gunman pistol rifle shotgun weapon weapons armed machete sword axe bomb bombs grenade
        explosive explosives attack attacks attacked attacking attacker fight fights fighting beating beats hitting
        stab stabs stabbed stabbing shot shots shoot shoots shooting shooter gunshot gunshots gunfire kill kills
        killing murder murdered rape raped raping strangling strangled violence violent mugged mugging robbing robber
        robbers hostage kidnapped kidnapping threatens threatened threatening terrorist terrorists following\sme
        followed burglar burglars intruder intruders break(?:s|ing)?\sin(?:to)? trying\sto\sget\sin
        in\smy\s(?:house|home|garden|room) fire flames smoke burning explosion exploded gas\sleak scream screams
        screaming screamed yelling crying\sfor\shelp for\shelp blood bleeding bleeds unconscious wounded injured
        suicide drowning overdose not\sbreathing in\sdanger
    """,
    "fr": r"""
        couteau couteaux arme armes armee pistolet pistolets revolver fusil fusils machette hache epee bombe bombes
        grenade explosif explosifs attaque attaquent attaquer agresse agressent agressee agresser agression agresseur
        battent battre frappe frappent frapper poignarde poignardee coups?\sde\sfeu coups\sde\scouteau tirs tireur tue
        tuer tuee assassine viole violee violer viol etrangle violence violences menace menacent menacee menacer
        braquage braqueur braqueurs otage enleve enlevement terroriste terroristes bagarre bagarres me\sbat me\ssuit
        suivie cambrioleur cambrioleurs voleur\schez voleurs\schez entrent?\schez\s(?:moi|nous)
        (?:train|veut|veulent)\sd?\s?entrer force\sma\sporte feu incendie flammes fumee brule explosion fuite\sde\sgaz
        crie crient cris hurle hurlent hurlements secours a\slaide appelle\sa\slaide saigne sang inconscient
        inconsciente blesse blessee blesses suicide noie en\sdanger ne\srespire\splus
    """,
    "de": r"""
        messer pistole gewehr waffe waffen schusswaffe bewaffnet bewaffnete bewaffneter bombe bomben granate machete
        axt schwert sprengstoff angriff angegriffen greift(?:\s\w+)*\san schlagt schlagen schlagerei prugelt prugeln
        prugelei kampfen ersticht gestochen messerstecher messerstecherei schiesst schiessen schusse schuss geschossen
        schiesserei schutze totet ermordet mord vergewaltigt vergewaltigung wurgt gewalt bedroht bedrohen uberfall
        uberfallen uberfallt geisel entfuhrt verfolgt terrorist terroristen einbrecher bricht(?:\s\w+)*\sein
        brechen(?:\s\w+)*\sein wird(?:\s\w+)*\seingebrochen in\smein(?:em|er)\s(?:haus|wohnung|garten|zimmer) feuer
        brand brennt flammen rauch explosion gasgeruch gasleck schreit schreien schreie schreiende hilferufe hilferuf
        um\shilfe blutet blut bewusstlos verletzt verletzte verletzter selbstmord suizid ertrinkt ertrinken in\sgefahr
        atmet\snicht
    """,
}
# Words of questions about such subjects without an emergency: permits, prevention, statistics, past events.
_CALM = r"""
    vergunning(?:en)? slijp\w* preventie\w* voorkom\w* statistie\w* cijfers hoeveel aantal
    vorige?\s(?:jaar|week|maand|zomer|winter) gisteren eergisteren geleden klachten? aangifte\w* aanvra\w* inleveren
    binnenbrengen registre\w* kopen koop verkopen cursus(?:sen)? opleiding\w* training\w* beleid\w* project\w* plan
    plannen actieplan aanpak wet wetgeving wapenwet betekent betekenis tips folder beveilig\w* museum verzamel\w*
    bestrijd\w* tegen dienst team cel politiewapens? schietclub schietstand veiligheid verloren kwijt permits?
    permission licen[cs]\w* prevent\w* statistic\w* figures how\smany last\s(?:year|week|month) yesterday ago
    complain\w* appl(?:y|ies|ication)\w* buy sell sharpen\w* course training policy project safety department station
    drill extinguisher range museum laws? against statement lost register permis autorisations? port prevention
    prevenir statistiques? chiffres combien (?:annee|semaine)\sderniere (?:an|mois)\sdernier hier plaintes? demander
    acheter vendre aiguis\w* formation politique projet artifice rouge rouges vert contre loi perdu perdue perdus
    erlaubnis genehmigung waffenschein vorbeug\w* pravention verhinder\w* statistik\w* zahlen wie\sviele?
    letzte[nrs]?\s(?:jahr|woche|monat) gestern anzeige beantrag\w* antrag kaufen verkaufen schleif\w* kurs ausbildung
    schutz gesetz gegen verloren
"""
# Words that say that it is happening now, or that call for help: they overrule the calm words.
_NOW = r"nu meteen momenteel bezig now maintenant secours jetzt gerade help hilfe au\ssecours"


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words.split())})\b")


DANGER = {language: _pattern(words) for language, words in _DANGER.items()}
CALM, NOW = _pattern(_CALM), _pattern(_NOW)


def is_calm(question: str) -> bool:
    """Return whether a question is calm: about a permit, prevention, statistics or a past event."""
    text = " ".join(words_of(question))
    return bool(CALM.search(text)) and not NOW.search(text)


def tells_of_danger(question: str) -> bool:
    """Return whether a question mentions a weapon, violence, a burglar, fire or an injury, and is not calm.

    The patterns of every language that the question may be in apply, or those of all languages if its stop words point
    to none: “mes” is a knife in Dutch, but a pronoun in “où sont mes papiers”.
    """
    text, counts = " ".join(words_of(question)), counted_languages(question)
    most = max(counts.values())
    spoken = [code for code, count in counts.items() if most - count < LEAD]
    return not is_calm(question) and any(DANGER[code].search(text) for code in spoken)
