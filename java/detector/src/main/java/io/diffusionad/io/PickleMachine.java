package io.diffusionad.io;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The stack machine of Python's pickle format, protocols 2 to 5, for data only: dictionaries become
 * {@link LinkedHashMap}, lists and tuples {@link List}, integers {@link Long} or {@link BigInteger}, floats
 * {@link Double}; strings, bytes, booleans and None their Java counterparts. Sets become {@link OpaqueObject}. What
 * names or calls Python code is left to the {@link Extensions}. Every length is checked against the bytes that remain;
 * memory used is proportional to the pickle's length, and nesting costs no Java stack.
 */
final class PickleMachine {
    /** The meaning of globals, calls and persistent identifiers. */
    interface Extensions {
        /** The value of {@code module.name}; throws unless it is allowed. */
        Object global(String module, String name) throws IOException;

        /** {@code callable(*arguments)} */
        Object call(Object callable, List<?> arguments) throws IOException;

        /** {@code object.__setstate__(state)} */
        void setState(Object object, Object state) throws IOException;

        Object persistent(Object identifier) throws IOException;
    }

    private static final Object MARK = new Object();
    private static final int MAX_BIG_INTEGER_BYTES = 64;

    private final Path file;
    private final ByteBuffer in;
    private final Extensions extensions;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    private PickleMachine(Path file, ByteBuffer in, Extensions extensions) {
        this.file = file;
        this.in = in;
        this.extensions = extensions;
    }

    /** Reads one pickle from the buffer's position, which is left behind its STOP. */
    static Object load(Path file, ByteBuffer in, Extensions extensions) throws IOException {
        in.order(ByteOrder.LITTLE_ENDIAN);
        PickleMachine machine = new PickleMachine(file, in, extensions);
        try {
            return machine.run();
        } catch (BufferUnderflowException e) {
            throw new InvalidFileException(
                    file, "its pickle ends before it is complete", "it is truncated: copy or save it again", e);
        }
    }

    private Object run() throws IOException {
        while (true) {
            int opcode = in.get() & 0xFF;
            if (opcode == '.') {
                return pop();
            }
            step(opcode);
        }
    }

    private void step(int opcode) throws IOException {
        switch (opcode) {
            case 0x80 -> requireProtocol(in.get() & 0xFF);
            case 0x95 -> in.getLong(); // FRAME: a hint for readers of streams
            case '(' -> stack.add(MARK);
            case '0' -> pop();
            case '1' -> popToMark();
            case '2' -> stack.add(peek());
            case 'N' -> stack.add(null);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'J' -> stack.add((long) in.getInt());
            case 'K' -> stack.add(in.get() & 0xFFL);
            case 'M' -> stack.add(in.getShort() & 0xFFFFL);
            case 0x8a -> stack.add(integer(in.get() & 0xFF));
            case 0x8b -> stack.add(integer(length(in.getInt())));
            case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 'X' -> stack.add(text(length(in.getInt()), StandardCharsets.UTF_8));
            case 0x8c -> stack.add(text(length(in.get() & 0xFF), StandardCharsets.UTF_8));
            case 0x8d -> stack.add(text(length(in.getLong()), StandardCharsets.UTF_8));
            case 'T' -> stack.add(text(length(in.getInt()), StandardCharsets.ISO_8859_1));
            case 'U' -> stack.add(text(length(in.get() & 0xFF), StandardCharsets.ISO_8859_1));
            case 'B' -> stack.add(bytes(length(in.getInt())));
            case 'C' -> stack.add(bytes(length(in.get() & 0xFF)));
            case 0x8e -> stack.add(bytes(length(in.getLong())));
            case ']' -> stack.add(new ArrayList<>());
            case ')' -> stack.add(List.of());
            case 0x8f -> stack.add(new OpaqueObject("builtins.set"));
            case 0x90 -> append(popToMark());
            case 0x91 -> {
                popToMark();
                stack.add(new OpaqueObject("builtins.frozenset"));
            }
            case 0x96 -> stack.add(bytes(length(in.getLong())));
            case '}' -> stack.add(new LinkedHashMap<>());
            case 'l' -> stack.add(popToMark());
            case 't' -> stack.add(Collections.unmodifiableList(popToMark()));
            case 0x85 -> stack.add(Collections.unmodifiableList(tuple(1)));
            case 0x86 -> stack.add(Collections.unmodifiableList(tuple(2)));
            case 0x87 -> stack.add(Collections.unmodifiableList(tuple(3)));
            case 'd' -> {
                List<Object> items = popToMark();
                stack.add(new LinkedHashMap<>());
                putAll(items);
            }
            case 'a' -> append(tuple(1));
            case 'e' -> append(popToMark());
            case 's' -> putAll(tuple(2));
            case 'u' -> putAll(popToMark());
            case 'q' -> memo.put(in.get() & 0xFF, peek());
            case 'r' -> memo.put(in.getInt(), peek());
            case 0x94 -> memo.put(memo.size(), peek());
            case 'h' -> stack.add(recall(in.get() & 0xFF));
            case 'j' -> stack.add(recall(in.getInt()));
            case 'c' -> stack.add(extensions.global(line(), line()));
            case 0x93 -> {
                List<Object> names = tuple(2);
                if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
                    throw malformed("a name that is no text");
                }
                stack.add(extensions.global(module, name));
            }
            case 'R', 0x81 -> {
                List<Object> call = tuple(2);
                stack.add(extensions.call(call.get(0), list(call.get(1))));
            }
            case 0x92 -> { // NEWOBJ_EX: keyword arguments last, which only opaque objects have
                List<Object> call = tuple(3);
                stack.add(extensions.call(call.get(0), list(call.get(1))));
            }
            case 'b' -> {
                Object state = pop();
                extensions.setState(peek(), state);
            }
            case 'Q' -> stack.add(extensions.persistent(pop()));
            default -> throw malformed("the instruction 0x" + Integer.toHexString(opcode));
        }
    }

    private void requireProtocol(int protocol) throws InvalidFileException {
        if (protocol < 2 || protocol > 5) {
            throw malformed("the protocol " + protocol);
        }
    }

    private Object pop() throws InvalidFileException {
        Object top = peek();
        stack.remove(stack.size() - 1);
        return top;
    }

    private Object peek() throws InvalidFileException {
        if (stack.isEmpty() || stack.get(stack.size() - 1) == MARK) {
            throw malformed("an instruction without its operand");
        }
        return stack.get(stack.size() - 1);
    }

    private List<Object> popToMark() throws InvalidFileException {
        int mark = stack.lastIndexOf(MARK);
        if (mark < 0) {
            throw malformed("an instruction without its mark");
        }
        List<Object> items = new ArrayList<>(stack.subList(mark + 1, stack.size()));
        stack.subList(mark, stack.size()).clear();
        return items;
    }

    private List<Object> tuple(int count) throws InvalidFileException {
        Object[] items = new Object[count];
        for (int i = count - 1; i >= 0; i--) {
            items[i] = pop();
        }
        return Arrays.asList(items);
    }

    private void append(List<Object> items) throws InvalidFileException {
        if (peek() instanceof OpaqueObject) {
            return;
        }
        if (!(peek() instanceof ArrayList)) {
            throw malformed("an append to something that is no list");
        }
        @SuppressWarnings("unchecked") // lists of this machine hold objects
        List<Object> list = (List<Object>) peek();
        list.addAll(items);
    }

    private void putAll(List<Object> items) throws InvalidFileException {
        if (peek() instanceof OpaqueObject) {
            return;
        }
        if (!(peek() instanceof LinkedHashMap) || items.size() % 2 != 0) {
            throw malformed("items for something that is no dictionary");
        }
        @SuppressWarnings("unchecked") // maps of this machine hold objects
        Map<Object, Object> map = (Map<Object, Object>) peek();
        for (int i = 0; i < items.size(); i += 2) {
            map.put(key(items.get(i)), items.get(i + 1));
        }
    }

    /** Objects as keys are told apart by identity: hashing what is nested deeply would need a deep stack. */
    private Object key(Object key) throws InvalidFileException {
        if (key == null
                || key instanceof String
                || key instanceof Number
                || key instanceof Boolean
                || key instanceof OpaqueObject) {
            return key;
        }
        if (key instanceof List && !(key instanceof ArrayList)) {
            return new OpaqueObject("builtins.tuple");
        }
        throw malformed("a dictionary key that Python would refuse");
    }

    private List<?> list(Object value) throws InvalidFileException {
        if (!(value instanceof List<?> list)) {
            throw malformed("a call without its arguments");
        }
        return list;
    }

    private Object recall(int key) throws InvalidFileException {
        if (!memo.containsKey(key)) {
            throw malformed("a reference to value " + key + ", which was never stored");
        }
        return memo.get(key);
    }

    private int length(long claimed) throws InvalidFileException {
        if (claimed < 0 || claimed > in.remaining()) {
            throw malformed(
                    "a value of " + Long.toUnsignedString(claimed) + " bytes where " + in.remaining() + " remain");
        }
        return (int) claimed;
    }

    private Object integer(int length) throws InvalidFileException {
        if (length > MAX_BIG_INTEGER_BYTES) {
            throw malformed("an integer of " + length + " bytes");
        }
        byte[] bigEndian = new byte[length];
        for (int i = length - 1; i >= 0; i--) {
            bigEndian[i] = in.get();
        }
        BigInteger value = length == 0 ? BigInteger.ZERO : new BigInteger(bigEndian);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private String text(int length, Charset charset) throws InvalidFileException {
        ByteBuffer part = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return charset.newDecoder().decode(part).toString();
        } catch (CharacterCodingException e) {
            throw malformed("text that is not " + charset);
        }
    }

    private String line() throws InvalidFileException {
        int end = in.position();
        while (end < in.limit() && in.get(end) != '\n') {
            end++;
        }
        String line = text(end - in.position(), StandardCharsets.UTF_8);
        in.get(); // the line feed
        return line;
    }

    private InvalidFileException malformed(String what) {
        return new InvalidFileException(
                file,
                "its pickle has " + what + " near byte " + in.position(),
                "it is damaged or was not written by torch.save: copy or save it again");
    }
}
