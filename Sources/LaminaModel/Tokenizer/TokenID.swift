/// The index of a token in the vocabulary, and so of its row in the embedding and of its logit.
package typealias TokenID = Int32
