import Testing

@testable import Diagnosis

@Suite struct WordSearchTests {
    private let search = WordSearch(["err", "can't", "not ", "no "])

    private func matches(_ text: String) -> Bool { search.matches(ArraySlice(text.utf8)) }

    @Test func lettersOfEitherCaseAreAlike() {
        let found = ["E1122 ERROR: gone", "interrupted", "I CAN'T", "is Not here"].filter(matches)
        #expect(found.count == 4)
    }

    @Test func aWordStandsWholeAndWithItsSpace() {
        let found = ["", "e", "er", "rre", "notice", "not", "now", "ca\u{2019}t", "[rr"].filter(matches)
        #expect(found.isEmpty)
    }

    @Test func aWordMayBeginAndEndTheText() {
        let found = ["err", "an err", "no ", "a piece of no "].filter(matches)
        #expect(found.count == 4)
    }

    /// What is not a letter has no other case: `\u{10}` and `0` differ in the bit that letters' cases differ in.
    @Test func onlyLettersHaveTwoCases() {
        let numbers = WordSearch(["0x"])
        let matched = numbers.matches([0x10, 0x78])
        #expect(!matched)
    }

    @Test func aSliceIsReadFromItsOwnBeginning() {
        let text = Array("err, all is well".utf8)
        let whole = search.matches(text[...])
        let rest = search.matches(text[4...])
        #expect(whole && !rest)
    }
}
