import ArgumentParser

/// Reads an option, or else its environment variable: `LAMINA_` and the option's name in capitals.
struct OptionReader {
    /// The environment.
    let environment: [String: String]

    private static let secondsInADay = 86_400

    /// A number in a range; nil where neither says one.
    func number(_ option: Int?, _ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let (source, text) = option.map({ ("--\(name)", "\($0)") }) ?? variable(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw ValidationError(
                "\(source) must be \(range.lowerBound) to \(range.upperBound), not '\(text)'.")
        }
        return number
    }

    /// A number of seconds up to a day, handed to `use` where one is said.
    func seconds(_ option: Int?, _ name: String, from least: Int = 1, _ use: (Duration) -> Void) throws {
        if let number = try number(option, name, least...Self.secondsInADay) { use(.seconds(number)) }
    }

    /// A number of bytes; nil where neither says one.
    func bytes(_ option: MemorySize?, _ name: String) throws -> Int? {
        if let option { return option.bytes }
        guard let (source, text) = variable(name) else { return nil }
        guard let size = MemorySize(argument: text) else {
            throw ValidationError("\(source) must be a number of bytes such as 8M, not '\(text)'.")
        }
        return size.bytes
    }

    /// Whether a flag is set, by itself or by `true` in the environment.
    func flag(_ isSet: Bool, _ name: String) throws -> Bool {
        try isSet || switched(name) ?? false
    }

    /// All values of an option, or those between the commas of its variable, and which of both named them.
    /// - Parameter variable: the name it is made of, where that is another than the option's.
    func list(_ option: [String], _ name: String, variable plural: String? = nil) -> (values: [String], source: String)
    {
        guard option.isEmpty, let (source, text) = variable(plural ?? name) else { return (option, "--\(name)") }
        return (text.split(separator: ",").map { String($0.trimmed) }, source)
    }

    /// What the variable of a flag says; nil where it says nothing.
    func switched(_ name: String) throws -> Bool? {
        guard let (source, text) = variable(name) else { return nil }
        guard let value = Bool(text) else { throw ValidationError("\(source) must be true or false, not '\(text)'.") }
        return value
    }

    /// The variable of an option, where it is set.
    func variable(_ name: String) -> (String, String)? {
        let variable = "LAMINA_" + name.uppercased().replacing("-", with: "_")
        return environment[variable].map { (variable, $0) }
    }
}

extension Substring {
    /// Without the spaces around it.
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
