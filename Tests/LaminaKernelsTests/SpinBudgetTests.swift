import Testing

@testable import LaminaKernels

struct SpinBudgetTests {
    @Test func `What holds already costs nothing and says nothing`() {
        var budget = SpinBudget()
        budget.adjust(wasAnswered: false)
        let before = budget.nanoseconds
        var looks = 0
        let holds = budget.spin {
            looks += 1
            return true
        }
        #expect(holds && looks == 1)
        #expect(budget.nanoseconds == before)
    }

    @Test func `Waits in vain shorten the budget, answered ones restore it`() {
        var budget = SpinBudget()
        #expect(budget.nanoseconds == SpinBudget.longestNanoseconds)
        for _ in 0..<10 {
            let holds = budget.spin { false }
            #expect(!holds)
        }
        #expect(budget.nanoseconds == SpinBudget.shortestNanoseconds)
        for _ in 0..<10 {
            var looks = 0
            // Answered at the third look: within any budget.
            let holds = budget.spin {
                looks += 1
                return looks == 3
            }
            #expect(holds)
        }
        #expect(budget.nanoseconds == SpinBudget.longestNanoseconds)
    }

    @Test func `A spin in vain ends`() {
        var budget = SpinBudget()
        var looks = 0
        let holds = budget.spin {
            looks += 1
            return false
        }
        #expect(!holds && looks > 1)
    }
}
