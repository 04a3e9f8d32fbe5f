import pytest

from studio.models.usual import ALL, MOST_KEPT, Usual, key_of, learned, usual_of

SQUARE = {"size": "1024x1024"}
WIDE = {"aspect_ratio": "16:9", "image_size": "2K"}


def test_learned_keeps_median_and_nine_tenths_of_each_shape_and_number():
    runs = [(SQUARE, 1, 1000.0 * seconds) for seconds in range(1, 12)]
    runs += [(WIDE, 4, 60_000.0)] * 3

    found = learned(runs)

    assert found[key_of(SQUARE, 1)] == [6000, 10_000]
    assert found[key_of(WIDE, 4)] == [60_000, 60_000]
    assert found[ALL][0] == 7500


def test_learned_of_fewer_than_three_runs_says_nothing_of_their_shape():
    assert list(learned([(SQUARE, 1, 1000.0), (SQUARE, 1, 3000.0)])) == [ALL]


def test_learned_of_nothing_is_nothing():
    assert learned([]) == {}


def test_learned_keeps_no_more_than_a_row_may_hold():
    runs = [({"size": f"{side}x{side}"}, 1, 1.0) for side in range(100) for _ in range(3)]

    assert len(learned(runs)) == MOST_KEPT + 1


@pytest.mark.parametrize(
    ("asked", "n", "seconds"),
    [(SQUARE, 1, 2), (SQUARE, 4, 9), (WIDE, 1, 9)],
    ids=["the same", "another number", "another shape"],
)
def test_usual_of_goes_by_shape_and_number_else_by_the_model(asked, n, seconds):
    times = {ALL: [9000, 9000], key_of(SQUARE, 1): [2000, 5000]}

    assert usual_of(times, asked, n).seconds == seconds


def test_usual_of_a_model_that_never_drew_is_nothing():
    assert usual_of({}, SQUARE, 1) is None


def test_usual_is_late_after_nine_tenths_and_never_before_the_usual_time():
    assert (Usual(2000, 4200).late, Usual(1400, 1100).late, Usual(300, 300).seconds) == (5, 2, 1)
