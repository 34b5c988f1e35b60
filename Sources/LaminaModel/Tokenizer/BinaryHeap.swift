/// A priority queue: the smallest element first.
struct BinaryHeap<Element: Comparable> {
    private var elements: [Element] = []

    mutating func removeAll() {
        elements.removeAll(keepingCapacity: true)
    }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard element < elements[parent] else { break }
            elements[child] = elements[parent]
            child = parent
        }
        elements[child] = element
    }

    /// Takes the smallest element out.
    mutating func popMinimum() -> Element? {
        guard let minimum = elements.first, let last = elements.popLast() else { return nil }
        if !elements.isEmpty { sink(last) }
        return minimum
    }

    /// Lets `element` take the place of the root and move down to where it belongs.
    private mutating func sink(_ element: Element) {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < elements.count else { break }
            if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
            guard elements[child] < element else { break }
            elements[parent] = elements[child]
            parent = child
        }
        elements[parent] = element
    }
}
