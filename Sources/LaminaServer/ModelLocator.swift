import FoundationEssentials
import LaminaModel

/// Finds the model to serve: the one named, or the embedded one that ships with the server.
package enum ModelLocator {
    /// The embedded demonstration model.
    package static let embeddedName = "lamina-tiny-q8_0.gguf"

    /// Where the embedded model is looked for, in this order.
    /// - Parameters:
    ///   - modelsFolder: `LAMINA_MODELS_DIR`.
    ///   - executable: path of the running binary, links resolved.
    package static func folders(modelsFolder: String?, executable: String) -> [String] {
        // A folder that is named is meant: another model elsewhere would be a surprise.
        if let modelsFolder, !modelsFolder.isEmpty { return [modelsFolder] }
        var folders: [String] = []
        let bin = parent(executable)
        folders += ["\(bin)", "\(bin)/models", "\(parent(bin))/share/lamina/models"]
        // A build tree: .build/<triple>/<configuration>/lamina-llm-serve beside the checkout's models.
        var folder = bin
        for _ in 0..<4 {
            folder = parent(folder)
            if FileManager.default.fileExists(atPath: "\(folder)/Package.swift") { folders.append("\(folder)/models") }
        }
        return folders
    }

    /// The embedded model's path.
    /// - Throws: `NoModelFound`, which lists the folders.
    package static func embedded(in folders: [String]) throws(NoModelFound) -> String {
        let paths = folders.map { "\($0)/\(embeddedName)" }
        guard let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw NoModelFound(folders: folders)
        }
        return path
    }

    /// The name requests use for a file that was given no other: its own, without folder and extension.
    package static func name(ofFile path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file
    }

    private static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}

/// No model was named and the embedded one is not where it should be.
package struct NoModelFound: Error, CustomStringConvertible {
    /// Where it was looked for.
    package let folders: [String]

    package var description: String {
        "no model named, and the embedded \(ModelLocator.embeddedName) was not found in: "
            + folders.joined(separator: ", ")
            + ". Name a file with --model PATH.gguf, or set LAMINA_MODELS_DIR"
    }
}
