-- Purpose: find the known names that are nearest to labels, for a person to choose from
-- In: unmapped_labels(label), known_names(id, name, spelling), label and spelling in ASCII
-- Out: label, rank, id, name, similarity (0 to 1); none for a label that nothing is near to
-- Params: $1: how many a label, $2: the smallest similarity worth a look
WITH words_of_labels AS (
    SELECT DISTINCT
        label,
        unnest(list_filter(
            regexp_split_to_array(lower(label), '[^\p{L}\p{M}\p{N}]+'), LAMBDA word: word NOT IN ('', 'and')
        )) AS word
    FROM unmapped_labels
),

words_of_names AS (
    SELECT DISTINCT
        spelling,
        unnest(list_filter(
            regexp_split_to_array(lower(spelling), '[^\p{L}\p{M}\p{N}]+'), LAMBDA word: word NOT IN ('', 'and')
        )) AS word
    FROM known_names
),

-- words are alike by the letters to change; digits are never alike: 7F is not near to 8F
alike AS (
    SELECT
        one.word,
        other.word AS known_word,
        1 - damerau_levenshtein(one.word, other.word) / greatest(strlen(one.word), strlen(other.word)) AS likeness
    FROM (SELECT DISTINCT word FROM words_of_labels) AS one
    CROSS JOIN (SELECT DISTINCT word FROM words_of_names) AS other
    WHERE
        regexp_replace(one.word, '[^\p{N}]', '', 'g') = regexp_replace(other.word, '[^\p{N}]', '', 'g')
        AND abs(length(one.word) - length(other.word)) <= 0.4 * greatest(length(one.word), length(other.word))
),

pairs AS (
    SELECT
        labels.label,
        names.spelling,
        labels.word,
        names.word AS known_word,
        alike.likeness
    FROM words_of_labels AS labels
    INNER JOIN alike ON labels.word = alike.word AND alike.likeness >= 0.6
    INNER JOIN words_of_names AS names ON alike.known_word = names.word
),

covered_labels AS (
    SELECT
        label,
        spelling,
        sum(length(word) * likeness) AS letters
    FROM (SELECT label, spelling, word, max(likeness) AS likeness FROM pairs GROUP BY ALL) AS best_words
    GROUP BY ALL
),

covered_names AS (
    SELECT
        label,
        spelling,
        sum(length(known_word) * likeness) AS letters
    FROM (SELECT label, spelling, known_word, max(likeness) AS likeness FROM pairs GROUP BY ALL) AS best_words
    GROUP BY ALL
),

-- the share of letters that each side finds in the other, as one figure: the harmonic mean
compared AS (
    SELECT
        labels.label,
        labels.spelling,
        labels.letters / (SELECT sum(length(own.word)) FROM words_of_labels AS own WHERE own.label = labels.label) AS of_label,
        names.letters / (SELECT sum(length(own.word)) FROM words_of_names AS own WHERE own.spelling = names.spelling) AS of_name
    FROM covered_labels AS labels
    INNER JOIN covered_names AS names ON labels.label = names.label AND labels.spelling = names.spelling
),

best AS (
    SELECT
        compared.label,
        known.id,
        known.name,
        max(round(2 * of_label * of_name / (of_label + of_name), 3)) AS similarity
    FROM compared
    INNER JOIN known_names AS known ON compared.spelling = known.spelling
    GROUP BY ALL
)

SELECT
    label,
    row_number() OVER (PARTITION BY label ORDER BY similarity DESC, name ASC, id ASC) AS rank,
    id,
    name,
    similarity
FROM best
WHERE similarity >= $2
QUALIFY rank <= $1
ORDER BY label ASC, rank ASC;
