"""The language of Bluestem, Kansas: word lists and patterns from which archive.py writes the newspaper.

A pattern is a text with {slots}. The slots of one article are filled once, so that its people, places and numbers stay the
same from headline to last paragraph. All of it is invented.
"""

from __future__ import annotations

FIRST = (
    "Ada Alma Arlo Bernice Bess Calvin Cleo Clyde Cora Dale Della Earl Edith Elmer Etta Faye Floyd Gus Hazel Homer Ida Irma "
    "Jasper June Leland Lena Lloyd Lula Mabel Merle Millie Nels Nora Opal Orville Otis Pearl Ray Rosa Roscoe Ruth Silas Stella "
    "Thelma Vernon Viola Walter Wilma Winston Yolanda"
).split()
LAST = (
    "Abernathy Barlow Birdsong Brandt Cottonwood Crandall Dietz Eberhart Fenster Garrison Goossen Hadley Haskell Hinkle Janzen "
    "Kettler Krehbiel Lindqvist Loewen McAllister Mendoza Nakamura Oakley Overstreet Pfannenstiel Quigley Ramirez Riordan "
    "Sandoval Schrag Stucky Tallgrass Thistlewood Unruh Vogel Voth Whitcomb Wiebe Yoder Zimmerman"
).split()
PLACES = (
    "the courthouse lawn|the grain elevator|the Opera House|the Carnegie library|Cottonwood Creek|the north water tower|Main Street|"
    "the county fairgrounds|the depot|the swimming pool|Founders Park|the roller rink|the Wagon Wheel Café|the old limestone bridge|"
    "the high-school gymnasium|the feed store|the Methodist basement|Kettler’s Hardware|the drive-in|the bandstand"
).split("|")
CREATURES = (
    "goat|rooster|three-legged dog|runaway steer|barn owl|prairie chicken|escaped emu|opossum|swarm of bees|bull snake|mule|"
    "peacock|stray llama|family of skunks|snapping turtle"
).split("|")
DISHES = (
    "rhubarb pie|green-bean casserole|chicken-fried steak|bierocks|peach cobbler|potato salad|chili with cinnamon rolls|"
    "deviled eggs|sand-plum jelly|corn pudding"
).split("|")
BODIES = (
    "the City Commission|the County Board|the Planning Commission|the school board|the Library Trustees|the Water District|"
    "the Historical Society|the Chamber of Commerce|the Fair Board|the Park Committee"
).split("|")
WEATHER = (
    "a hard frost|ninety-mile winds|an early thaw|a week of drizzle|hail the size of walnuts|a dust storm|a perfect spring evening|"
    "the hottest day since 1936|nine inches of snow|a lightning storm"
).split("|")
TIMES = (
    "on Monday night|on Tuesday morning|late on Wednesday|on Thursday|before dawn on Friday|over the weekend|after church on Sunday"
).split("|")
FEELINGS = "delighted|unconvinced|mildly alarmed|proud|suspicious|relieved|hungry|speechless|resigned|hopeful".split(
    "|"
)
ROLES = "staff writer|senior reporter|editor at large|correspondent|county reporter|photographer and reporter".split(
    "|"
)

# name, slug, motto
SECTIONS = (
    ("City", "city", "What was decided, by whom, and how long the meeting took"),
    ("Schools", "schools", "Grades, lunches and the yellow bus"),
    ("Business", "business", "Who opened, who closed, who sold the tractor"),
    ("Country", "country", "Wheat, cattle, weather and fences"),
    ("Sports", "sports", "The Bluestem Badgers, win or lose"),
    ("Arts", "arts", "Music, paint, pie and other fine arts"),
    ("Letters", "letters", "You wrote, we printed"),
)

TOPICS = (
    "parking|water|potholes|budget|elections|bridges|trees|history|marching band|lunch menu|spelling bee|science fair|school bus|"
    "small business|tractors|railroad|farmers market|prices|wheat|cattle|rain|wind|fences|harvest|football|basketball|track|"
    "bowling|fishing|guitar|jazz|quilts|theater|county fair|pie|dogs|goats|weddings|neighbors|telephones"
).split("|")

# Of each section: headlines, and first paragraphs, which are summaries too.
HEADLINES = {
    "city": (
        "{Body} votes {n} to {m} on {creature} near {place}",
        "Pothole by {place} turns {n}; neighbors bake {dish}",
        "{Last} asks {body} for one more stop sign",
        "Meeting on parking runs {n} hours, parking expires",
        "{Body} finds ${money} behind {place}",
        "Traffic light near {place} to be switched on, then discussed",
        "City hires {first} {last} to count the trees, again",
    ),
    "schools": (
        "Badgers’ band learns {n} new songs, town braces",
        "Lunch menu drops {dish}; students petition {body}",
        "{First} {last}, {n}, spells “{creature}” and wins the bee",
        "Science fair at {place} ends with {weather}",
        "School bus delayed by {creature} for {n} minutes",
        "Teacher {last} retires after {years} years and ${money} in confiscated gum",
    ),
    "business": (
        "{Last} & Sons opens {n}th store, now sells {dish}",
        "After {years} years, bakery by {place} changes its sign",
        "Farmers market breaks ${money} on {dish} alone",
        "{First} {last} buys the depot, will not say why",
        "Railroad to stop at {place} for the first time in {years} years",
        "Tractor dealer blames {weather} for record spring",
    ),
    "country": (
        "Wheat likes {weather}, {creature} does not",
        "Loose {creature} walks {n} miles to {place}",
        "{Last} farm marks {years} years without a straight fence",
        "Harvest at {n} percent and {weather} on the way",
        "Auction of {n} steers draws ${money} and a crowd",
        "{First} {last} grows {n}-pound squash, needs bigger truck",
    ),
    "sports": (
        "Badgers win {big} to {n} in {weather}",
        "Badgers lose again, {n} to {big}, but the pie was good",
        "{Creature} interrupts {n}th inning at {place}",
        "Bowler {first} {last} rolls {big} on borrowed shoes",
        "{First} {last} breaks {years}-year-old mile record by a whisker",
        "Fishing derby: {last} lands {n}-pounder, goat eats scoreboard",
    ),
    "arts": (
        "Gypsy-jazz night fills {place}; {n} guitars, two chairs",
        "Quilt of {big} patches hung at {place}",
        "Players’ “Our Town” moved to {place} after {weather}",
        "{First} {last} paints {creature} on north water tower",
        "Guitar left on {place} bench turns out to be from 1928",
        "Pie judged a fine art at county fair, {n} to {m}",
    ),
    "letters": (
        "Reader: {place} needs a bench, not a study",
        "Reader thanks whoever returned the {creature}",
        "Reader counts {n} errors in our crossword",
        "Reader: in my day, we called {weather} a Tuesday",
        "Reader would like her {dish} recipe corrected",
        "Reader defends the {creature} of {place}",
    ),
}
LEADS = {
    "city": (
        "{Body} met {time} about {place} and went home {n} hours later, {feeling} but not finished.",
        "A plan for {place} that cost ${money} to draw came before {body} {time}, and so did {first} {last}, with a folding chair.",
    ),
    "schools": (
        "Students at Bluestem High were {feeling} {time} when word from {place} reached the lunch line.",
        "{First} {last} has taught here for {years} years and says nothing compares to what happened {time}.",
    ),
    "business": (
        "A till rang {big} times {time} near {place}, and {first} {last} wrote down every one.",
        "What began {years} years ago with ${money} and a borrowed truck has reached {place}.",
    ),
    "country": (
        "Neighbors were {feeling} {time} after {weather} passed over {place} and left {n} gates open.",
        "{First} {last} leaned on a post near {place} {time} and looked at {weather} for a long while.",
    ),
    "sports": (
        "It took {weather}, {n} substitutions and one {creature}, but the Badgers finished {time} at {place}.",
        "Coach {last} was {feeling} {time}, which those who know the coach call a celebration.",
    ),
    "arts": (
        "Nobody at {place} expected an encore {time}, least of all {first} {last}, who had packed up.",
        "There were {big} people at {place} {time}, {n} of them on purpose.",
    ),
    "letters": (
        "To the editor: I have read this paper for {years} years and have been {feeling} for most of them.",
        "To the editor: I was at {place} {time} and saw it with my own eyes.",
    ),
}

SENTENCES = (
    "“I am {feeling},” said {first} {last}, who brought {dish}.",
    "“We have had worse,” said {first2} {last2}, “but not near {place}.”",
    "{First2} {last2} of {body} called it the best use of ${money} since the bandstand.",
    "The {creature} could not be reached for comment.",
    "A show of hands was {n} to {m}; two people were waving to a cousin.",
    "The matter goes back {years} years, to {weather} and a misplaced key.",
    "Coffee was free, and {dish} went for a dollar a plate.",
    "By nine o’clock the lot at {place2} was full and the talk had turned to rain.",
    "{Last2} said the figures would be checked by somebody with a pencil.",
    "The last time anyone counted, there were {big} of them.",
    "Sheriff’s deputies took a report, a photograph and a slice of {dish}.",
    "Nothing at {place2} was damaged except a sign that says nothing at {place2} may be damaged.",
    "The bill, ${money}, will be paid in {n} parts, the first of them soon.",
    "Volunteers meet at {place2} {time2}; bring gloves and, if possible, {dish}.",
    "{First} {last} has kept the receipt in a coffee can since then.",
    "“You can quote me,” said {last2}, and then said nothing more.",
    "It was the {n}th time this year, or the {m}th, depending on who holds the pencil.",
    "Expect {weather}, say the radio and {first2} {last2}’s knee.",
    "The minutes of the meeting run to {big} pages, {n} of which concern the {creature}.",
    "Across the street, business at {place2} went on as usual, which is to say slowly.",
    "A second {creature} was seen near {place2}, but it may have been the same one.",
    "Older residents recalled {years} years of promises and one very good parade.",
    "The telephone at {place2} rang {n} times, and each time it was {last}.",
    "Asked whether it could happen again, {last2} looked at the sky and at the {creature}.",
    "There is a plan, {first} {last} said, and there is a drawer where the plan is kept.",
    "Some in the back row were {feeling2}; the front row had brought cushions.",
    "Wheat stood at {n} inches, hope somewhat higher.",
    "Anyone who finds the {creature} is asked not to feed it {dish}.",
)
CLOSINGS = (
    "The next meeting is {time2} at {place2}. The {creature} is not invited.",
    "{First2} {last2} will say more {time2}, weather permitting.",
    "Until then, {place} remains as it was: open, windy and fond of visitors.",
    "Those with knowledge of the {creature} may call the Lantern and ask for the desk by the window.",
)
CAPTIONS = (
    "{Place}, seen {time}.",
    "{First} {last} says this is where it happened.",
    "After {weather}, at {place}.",
    "Not pictured: the {creature}.",
    "{Place} in a quieter year.",
)
COMMENTS = (
    "My {relative} was there and tells it differently.",
    "Finally somebody wrote it down. Thank you.",
    "I paid my taxes for {years} years and all I got was this pothole.",
    "That {creature} belongs to {last} and everybody knows it.",
    "Is there still {dish} left?",
    "You misspelled my name again. It is {last} with one more letter.",
    "I moved to Topeka in 1994 and still read this first thing in the morning.",
    "We need a light at {place}. I have said so {n} times.",
    "Respectfully, no.",
    "The photograph is from the wrong side of {place}.",
    "I remember {weather} as if it were yesterday. It may have been yesterday.",
    "Somebody should write a song about this. Somebody with a guitar.",
    "Agreed with {last} above, which does not happen often.",
    "My dog barked through this whole article.",
    "${money} seems a lot for a bench.\n\nThen again, it is a good bench.",
    "Let the {creature} speak.",
)
RELATIVES = "uncle|grandmother|neighbor|barber|husband|second cousin|old teacher".split("|")
NOTICES = {
    "lost": (
        "One {creature}, answers to {first}. Last seen near {place}.",
        "Left glove, brown, near {place}. Right glove lonely.",
        "Umbrella, during {weather}. Sentimental value.",
    ),
    "found": (
        "A {creature} in our kitchen. Please come soon. Ask for {last}.",
        "Set of {n} keys near {place}. Describe the key ring and they are yours.",
        "Casserole dish, clean, on the steps of {place}.",
    ),
    "sale": (
        "Tractor, {years} years old, one owner, {n} gears of which most work. ${money}.",
        "Accordion, hardly used, at the neighbors’ request. Ask for {first}.",
        "Fence posts, {big}, straight as {last}’s sense of humor.",
    ),
    "thanks": (
        "To all who brought {dish} after {weather}. The {last} family.",
        "To the stranger who pushed my truck from {place} to {place2}.",
        "To the volunteer fire department, from {first} {last} and the {creature}.",
    ),
}
# Scenes and places of photographs: archive.py pairs them, pictures.py draws the scene.
SCENES = ("prairie", "town", "storm", "field", "night")
VIEWS = ("from the north", "at first light", "after the rain", "in October", "from the water tower", "on a quiet day")
