extension GGUFHeader {
    /// Bytes the weights take once they are repacked: those of the tensors, an embedding of its own left in the file.
    package var weightBytes: Int {
        weights.reduce(0) { $0 + $1.byteCount }
    }

    /// Weights that computing a token multiplies with.
    package var weightCount: Int {
        weights.reduce(0) { $0 + $1.elementCount }
    }

    private var weights: [GGUFTensor] {
        let isTied = tensor(named: "output.weight") == nil
        return isTied ? tensors : tensors.filter { $0.name != "token_embd.weight" }
    }
}
